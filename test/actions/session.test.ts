import { describe, expect, it } from 'vitest';
import { detach, execInto, info, rename, stop, thumbnail } from '../../src/actions/session.ts';
import { fakes, sessionOf } from './fake-context.ts';

const OWN = {
  id: 'v9',
  ref: 'r',
  hostKey: 'A',
  backend: 'xpra',
  localId: '100',
  seat: ':0',
  since: 0,
  state: 'shown',
} as const;

const signal = new AbortController().signal;

describe('the short actions', () => {
  it('detach through the backend, wherever the viewers are, and look again', async () => {
    const fake = fakes();
    await detach(fake.context, sessionOf(), signal);
    expect(fake.log).toEqual(['detach', 'refresh']);
  });

  it('detach after our own viewers, where the backend is to end those of others alone', async () => {
    const fake = fakes();
    fake.after = 'viewers';
    fake.viewers.push(OWN);
    await detach(fake.context, sessionOf(), signal);
    expect(fake.log).toEqual(['close v9', 'detach', 'refresh']);
  });

  it('stop, and close what is left of our own viewers', async () => {
    const fake = fakes();
    fake.viewers.push(OWN);
    await stop(fake.context, sessionOf(), signal);
    expect(fake.log).toEqual(['stop', 'close v9', 'refresh']);
  });

  it('show facts and pictures', async () => {
    const fake = fakes();
    expect((await info(fake.context, sessionOf(), signal)).facts).toEqual({ a: 'b' });
    expect(await thumbnail(fake.context, sessionOf(), signal)).toEqual({ kind: 'text', text: 'hello' });
  });

  it('rename to one line that can be shown, and tell how it is called then', async () => {
    const fake = fakes(['app'], ['rename']);
    expect(await rename(fake.context, sessionOf(), ' the\n\u202ereport ', signal)).toMatchObject({
      name: 'the report',
    });
    fake.sessions = [sessionOf({ name: 'the_report' })];
    expect((await rename(fake.context, sessionOf(), 'x'.repeat(10_000), signal)).name).toBe('the_report');
    expect(fake.log).toEqual(['rename the report', 'refresh', `rename ${'x'.repeat(119)}…`, 'refresh']);
    await expect(rename(fake.context, sessionOf(), '\u200b\n', signal)).rejects.toMatchObject({
      code: 'bad-argument',
    });
  });

  it('refuse what the backend cannot, and say what it can', async () => {
    const fake = fakes();
    await expect(execInto(fake.context, sessionOf(), ['ls'], signal)).rejects.toMatchObject({
      code: 'not-supported',
      hint: expect.stringContaining('detach'),
    });
  });
});
