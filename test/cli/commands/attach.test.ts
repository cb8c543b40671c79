import { describe, expect, it } from 'vitest';
import type { FakeRequest } from '../../client/fake-agent.ts';
import { agentWith, build, display, viewer, xterm } from './agent-with.ts';

describe('a seat', () => {
  it('is registered by every call under a display, before anything opens there', async () => {
    const { run, agent } = await agentWith({ attach: { session: xterm, viewer } });
    await run('list', display);
    expect((await run('attach xterm', display)).stdout).toContain('xterm@alpha is shown here');
    const methods = agent.received.map((m) => m.method).filter(Boolean);
    expect(methods).toEqual(['seat.register', 'catalogue', 'seat.register', 'prompts.attend', 'attach']);
    expect(agent.received.at(-1)?.params).toMatchObject({ ref: 'xterm', mode: 'take', seat: ':7' });
  });

  it('that does not answer is the error of what needs it', async () => {
    const refused = { error: { code: 'no-seat', message: 'The display :7 does not answer.' } };
    const { run, asked } = await agentWith({ 'seat.register': refused, attach: {} });
    expect(await run('list', display)).toMatchObject({ code: 0, stderr: '' });
    expect(await run('attach xterm', display)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('does not answer'),
    });
    expect(asked('attach')).toEqual([]);
  });
});

describe('attach and move', () => {
  it('ask without a seat first in a terminal, and give the seat to what needs it', async () => {
    const needsSeat = ({ params }: FakeRequest) =>
      params.seat ? { session: xterm, viewer } : { error: { code: 'no-seat', message: 'Needs a display.' } };
    const { run, asked } = await agentWith({ attach: needsSeat, move: needsSeat });
    const terminal = { ...display, columns: 80 };
    expect(await run('attach xterm --read-only', terminal)).toMatchObject({ code: 0 });
    expect(asked('attach').map((p) => p.seat)).toEqual([undefined, ':7']);
    expect(asked('attach')[0]).toMatchObject({ mode: 'readonly' });
    expect(await run('move xterm', terminal)).toMatchObject({ code: 0 });
    expect(await run('move xterm', { columns: 80 })).toMatchObject({ code: 3 });
  });

  it('say where a terminal session can be seen when here is neither', async () => {
    const { run } = await agentWith({ attach: { session: build, wantsTerminal: true } });
    const { code, stderr } = await run('attach build');
    expect(code).toBe(3);
    expect(stderr).toContain('hotdesk attach build');
  });
});
