import { describe, expect, it } from 'vitest';
import { type Audience, Handovers } from '../../src/agent/handovers.ts';
import type { EventData } from '../../src/protocol/api.ts';

class ManualClock {
  timers: { at: number; fn: () => void }[] = [];
  time = 0;
  now = () => this.time;
  after = (ms: number, fn: () => void) => {
    const timer = { at: this.time + ms, fn };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((t) => t !== timer);
    };
  };
  pass(ms: number): void {
    this.time += ms;
    const due = this.timers.filter((t) => t.at <= this.time);
    this.timers = this.timers.filter((t) => t.at > this.time);
    for (const timer of due) timer.fn();
  }
}

const session = { backend: 'xpra', localId: '100' };
const by = { hostId: 'h3', host: 'h3' };

function seat(watching: boolean): Audience & { heard: string[] } {
  const heard: string[] = [];
  return { heard, watches: () => watching, tell: (e: EventData<'handover'>) => void heard.push(e.phase) };
}

describe('Handovers', () => {
  it('says who asked for it, where that is another than who has it then', () => {
    const handovers = new Handovers(new ManualClock());
    const events: EventData<'handover'>[] = [];
    handovers.join({ watches: () => true, tell: (event) => void events.push(event) });
    const asked = { hostId: 'h1', host: 'h1' };
    handovers.end(handovers.begin(session, by, asked), true);
    handovers.end(handovers.begin(session, by), true);
    expect(events.map((event) => [event.phase, event.by.host, event.asked?.host])).toEqual([
      ['begin', 'h3', 'h1'],
      ['done', 'h3', 'h1'],
      ['begin', 'h3', undefined],
      ['done', 'h3', undefined],
    ]);
  });

  it('tells who watched before, and only those, how it ended', () => {
    const clock = new ManualClock();
    const handovers = new Handovers(clock);
    const [old, other] = [seat(true), seat(false)];
    handovers.join(old);
    handovers.join(other);
    expect(handovers.isBusy).toBe(false);
    const token = handovers.begin(session, by);
    expect(handovers.isBusy).toBe(true);
    // The displaced seat watches no longer; it is told all the same.
    old.watches = () => false;
    handovers.end(token, false);
    // What it opened is drawn meanwhile.
    expect(handovers.isBusy).toBe(true);
    clock.pass(500);
    expect(handovers.isBusy).toBe(false);
    handovers.end(token, true);
    expect(old.heard).toEqual(['begin', 'failed']);
    expect(other.heard).toEqual([]);
  });

  it('lets one person at a time take a session', () => {
    const handovers = new Handovers(new ManualClock());
    const token = handovers.begin(session, by);
    expect(() => handovers.begin(session, { hostId: 'h1', host: 'h1' })).toThrow(
      expect.objectContaining({ code: 'session-busy' }),
    );
    expect(() => handovers.begin({ ...session, localId: '101' }, by)).not.toThrow();
    handovers.end(token, true);
    expect(() => handovers.begin(session, by)).not.toThrow();
  });

  it('takes a handover that is never ended as failed', () => {
    const clock = new ManualClock();
    const handovers = new Handovers(clock);
    const old = seat(true);
    handovers.join(old);
    handovers.begin(session, by);
    clock.pass(90_000);
    expect(old.heard).toEqual(['begin', 'failed']);
    expect(() => handovers.begin(session, by)).not.toThrow();
  });

  it('tells a seat of the next handover too that has not got the session back yet', () => {
    const clock = new ManualClock();
    const handovers = new Handovers(clock);
    const old = seat(true);
    handovers.join(old);
    handovers.end(handovers.begin(session, by), false);
    old.watches = () => false;
    handovers.end(handovers.begin(session, by), true);
    handovers.end(handovers.begin(session, by), false);
    expect(old.heard).toEqual(['begin', 'failed', 'begin', 'done']);
  });

  it('does not tell a seat that has left', () => {
    const handovers = new Handovers(new ManualClock());
    const old = seat(true);
    const leave = handovers.join(old);
    const token = handovers.begin(session, by);
    leave();
    handovers.end(token, false);
    expect(old.heard).toEqual(['begin']);
  });
});
