import { describe, expect, it } from 'vitest';
import { Census, LIMITS, QuestionBudget } from '../../../src/discovery/mdns/limits.ts';
import { LinkBrowser } from '../../../src/discovery/mdns/link-browser.ts';
import { announcement } from './crafted.ts';

const anywhere = { name: 'eth0', onLink: () => true };

describe('a flood', () => {
  it('of 60,000 instances from one source leaves the known hosts, and room for new ones', () => {
    const browser = new LinkBrowser(anywhere, 0, Math.random);
    browser.receive(announcement(), '10.0.0.2', 0);
    const questions: number[] = [];
    for (let i = 0; i < 60_000; i += 1) {
      const now = Math.floor(i / 4);
      browser.receive(announcement({ name: `fake-${i}`, host: `f${i}.local` }), '10.0.0.66', now);
      if (browser.nextAt <= now) questions.push(browser.tick(now).questions.length);
      browser.takeTouched();
    }
    browser.receive(announcement({ name: 'late-1', host: 'late.local' }), '10.0.0.3', 15_001);
    expect(browser.ids().length).toBeLessThan(1500);
    expect(browser.view('_hotdesk._tcp alpha-1')).toBeDefined();
    expect(browser.view('_hotdesk._tcp late-1')).toBeDefined();
  });

  it('from forged sources takes no place of who is known or has few', () => {
    const browser = new LinkBrowser(anywhere, 0, Math.random);
    browser.receive(announcement(), '10.0.0.2', 0);
    for (let i = 0; i < 60_000; i += 1) {
      const source = `10.0.1.${i % 50}`;
      browser.receive(announcement({ name: `fake-${i}`, host: `f${i % 500}.local` }), source, 10 + i / 100);
      browser.takeTouched();
    }
    browser.receive(announcement({ name: 'late-1', host: 'late.local' }), '10.0.0.3', 700);
    expect(browser.ids().length).toBeLessThan(5000);
    expect(browser.view('_hotdesk._tcp alpha-1')).toBeDefined();
    expect(browser.view('_hotdesk._tcp late-1')).toBeDefined();
  });

  it('of names without description dies out, and is asked about within the budget', () => {
    const browser = new LinkBrowser(anywhere, 0, Math.random);
    for (let i = 0; i < 5000; i += 1) {
      const [pointer] = announcement({ name: `fake-${i}` });
      if (pointer) browser.receive([pointer], `10.0.0.${i % 9}`, 0);
    }
    let asked = 0;
    for (let now = 0; now < 10_000; now += 20)
      if (browser.nextAt <= now) asked += browser.tick(now).questions.length;
    expect(asked).toBeLessThan(LIMITS.questionBurst + 10 * LIMITS.questionsPerSecond + 100);
    expect(browser.ids()).toEqual([]);
  });

  it('is not what a thousand instances of one host are', () => {
    const browser = new LinkBrowser(anywhere, 0, Math.random);
    for (let i = 0; i < 1000; i += 1) browser.receive(announcement({ name: `real-${i}` }), '10.0.0.2', i);
    expect(browser.ids()).toHaveLength(1000);
  });
});

describe('the census', () => {
  it('never lets one go that has been there for a minute', () => {
    const census = new Census();
    for (let i = 0; i < LIMITS.instances; i += 1) census.add(`${i}`, `s${i % 10}`, 0);
    expect(census.admit('new', 1000)).toMatchObject({ ok: true, evict: { since: 0 } });
    expect(census.admit('new', 60_000)).toEqual({ ok: false });
    census.remove('7', 's7');
    expect(census.admit('new', 60_000)).toEqual({ ok: true });
  });
});

it('a budget refills with time', () => {
  const budget = new QuestionBudget();
  expect(budget.take(10_000, 0)).toBe(LIMITS.questionBurst);
  expect(budget.take(10, 0)).toBe(0);
  expect(budget.take(1000, 1000)).toBe(LIMITS.questionsPerSecond);
});
