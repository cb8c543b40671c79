import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { envelopeChecks } from '../../src/client/envelope.ts';
import { strictChecks } from '../../src/protocol/checks.ts';
import { EMPTY, HELLO } from './fake-agent.ts';

const messages = fc.oneof(
  fc.record({ id: fc.integer(), result: fc.jsonValue() }),
  fc.record({ id: fc.integer(), error: fc.record({ code: fc.string(), message: fc.string() }) }),
  fc.record({ id: fc.integer(), progress: fc.string() }),
  fc.record({ event: fc.string(), data: fc.jsonValue() }),
);

describe('the envelope', () => {
  it('takes every message that the schema takes', () => {
    fc.assert(
      fc.property(messages, (message) => {
        expect(strictChecks.message(message)).toBeDefined();
        expect(envelopeChecks.message(message)).toBe(message);
      }),
    );
  });

  it('refuses whatever is neither, without throwing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        if (strictChecks.message(value) === undefined) expect(envelopeChecks.message(value)).toBeUndefined();
        if (strictChecks.hello(value) === undefined) envelopeChecks.hello(value);
        envelopeChecks.result('catalogue', value);
        envelopeChecks.event('catalogue', value);
      }),
    );
  });

  it('takes a handshake and a snapshot, and no half of one', () => {
    expect(envelopeChecks.hello(HELLO)).toEqual(HELLO);
    expect(envelopeChecks.hello({ version: '1' })).toBeUndefined();
    expect(envelopeChecks.result('catalogue', EMPTY)).toBe(EMPTY);
    expect(envelopeChecks.result('subscribe', { ...EMPTY, hosts: [1] })).toBeUndefined();
    expect(envelopeChecks.event('catalogue', { ...EMPTY, viewers: undefined })).toBeUndefined();
    expect(envelopeChecks.result('stop', [])).toBeUndefined();
  });

  it.each(['start', 'attach', 'move'] as const)('takes what %s gives as the schema does', (method) => {
    const session = {
      ...{ backend: 'vnc', localId: '300', name: 'x', kind: 'app', state: 'live', watchers: [] },
      ...{ hostKey: 'a', host: 'alpha', ref: 'vnc:300@alpha' },
    };
    const whole = { session, timings: { shown: 1 } };
    expect(strictChecks.result(method, whole)).toEqual(whole);
    expect(envelopeChecks.result(method, whole)).toBe(whole);
    const halves = [
      {},
      { session: 'x' },
      { session: { ...session, name: 1 } },
      { session: { ...session, watchers: undefined } },
      { session, viewer: 'v' },
      { session, timings: { shown: 'late' } },
    ];
    for (const half of halves) {
      expect(strictChecks.result(method, half)).toBeUndefined();
      expect(envelopeChecks.result(method, half)).toBeUndefined();
    }
  });
});
