/** Whatever hosts send, the menu is a menu. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../src/kernel/text.ts';
import type { HostApps, MenuInput } from '../../../src/tray/menu/input.ts';
import { viewOf } from '../../../src/tray/menu/menu.ts';
import { LONG, SHORT } from '../../../src/tray/menu/model.ts';
import { sample } from '../../cli/samples.ts';
import { ALL, host, input, many, nodesOf, session } from '../samples.ts';

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.constantFrom(
    '',
    '<SEPARATOR>',
    '_F&ile',
    '<b>x</b>',
    '\u202egnp.exe',
    'a\nb\tc',
    '\ud800',
    '-',
    '\u0000',
    '…',
  ),
  fc.string({ unit: fc.constantFrom('\u0301', '\u200b', '漢', '𝄞', '_', '&', '<'), maxLength: 200 }),
);
const sessions = fc.array(
  fc.record({
    name: hostile,
    title: hostile,
    localId: fc.constantFrom('1', '2', '3'),
    startedAt: fc.option(fc.double(), { nil: undefined }),
    backend: fc.constantFrom('xpra', 'tmux', 'unheard-of'),
    state: fc.constantFrom('live' as const, 'dead' as const),
    watchers: fc.array(fc.record({ host: hostile }), { maxLength: 3 }),
  }),
  { maxLength: 40 },
);
const apps: fc.Arbitrary<HostApps> = fc.oneof(
  fc.record({
    state: fc.constant('known' as const),
    apps: fc.array(
      fc.record({ id: hostile, name: hostile, categories: fc.array(hostile, { maxLength: 3 }) }),
      {
        maxLength: 60,
      },
    ),
  }),
  fc.record({ state: fc.constant('failed' as const), why: hostile }),
);
const inputs: fc.Arbitrary<MenuInput> = fc
  .record({
    sessions,
    apps,
    names: fc.array(hostile, { maxLength: 30 }),
    problem: hostile,
    notices: fc.array(
      fc.record({ id: hostile, text: hostile, choices: fc.constant([{ id: 'a', label: 'A' }]) }),
      {
        maxLength: 12,
      },
    ),
    offline: fc.boolean(),
  })
  .map((given) => {
    const hosts = given.names.map((name, n) =>
      host(name, {
        key: `k${n}`,
        backends: { xpra: '3', tmux: '3' },
        state: (['agent', 'agentless', 'unreachable', 'untrusted', 'found'] as const)[n % 5] ?? 'agent',
        problem: { code: 'x', message: given.problem, hint: given.problem },
      }),
    );
    const rows = given.sessions.map(({ startedAt, ...one }) =>
      session(one.name, 'alpha', { ...one, ...(startedAt === undefined ? {} : { startedAt }) }),
    );
    return input({
      snapshot: given.offline ? undefined : sample({ hosts: [...sample().hosts, ...hosts], sessions: rows }),
      problem: given.problem,
      notices: given.notices,
      apps: new Map(hosts.map((h) => [h.key, given.apps])),
      can: new Map([['xpra', ALL]]),
    });
  });

describe('any input', () => {
  it.each([
    ['short', SHORT],
    ['long', LONG],
  ])('makes a menu of bounded size with plain labels and ids of their own (%s)', (_, limits) => {
    fc.assert(
      fc.property(inputs, (given) => {
        const view = viewOf(given, limits);
        const nodes = [...nodesOf(view.menu)];
        const ids = nodes.map(({ node }) => node.id);
        expect(new Set(ids).size).toBe(ids.length);
        expect(nodes.length).toBeLessThan(2500);
        for (const { node, depth } of nodes) {
          if (node.kind === 'separator') {
            expect(depth).toBe(0);
            continue;
          }
          expect(node.label).not.toBe('');
          expect(node.label).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
          expect(displayWidth(node.label)).toBeLessThanOrEqual(64);
          expect(node.label.length).toBeLessThanOrEqual(300);
          if (node.kind === 'branch') expect(node.children.length).toBeGreaterThan(0);
          if (node.kind === 'leaf') expect(node.enabled).toBe(node.action !== undefined);
        }
        expect(view.tooltip).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }),
      { numRuns: 200 },
    );
  });

  it('is the same menu again for the same input', () => {
    fc.assert(
      fc.property(inputs, (given) => {
        expect(viewOf(given, LONG)).toEqual(viewOf(given, LONG));
      }),
      { numRuns: 30 },
    );
  });
});

it('takes little time for 200 hosts of 20 sessions', () => {
  const given = input({ snapshot: many(200, 20) });
  viewOf(given, LONG);
  const began = process.cpuUsage();
  viewOf(given, LONG);
  const { user, system } = process.cpuUsage(began);
  expect((user + system) / 1000).toBeLessThan(200);
  expect([...nodesOf(viewOf(given, SHORT).menu)].length).toBeLessThan(450);
});
