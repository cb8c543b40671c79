import { describe, expect, it } from 'vitest';
import { parseGreeting } from '../../src/agent/greet-host.ts';

describe('parseGreeting', () => {
  it('reads what the host says', () => {
    const greeting = parseGreeting(
      'host=alpha.example.org\nmachine=0123456789abcdef0123456789abcdef\nsocket=/run/user/7/hotdesk/agent.sock\n',
    );
    expect(greeting).toMatchObject({ host: 'alpha', socket: '/run/user/7/hotdesk/agent.sock' });
    expect(greeting.hostId).toMatch(/^[0-9a-f]{32}$/u);
  });

  it('believes nothing that is not of the right form', () => {
    expect(parseGreeting('host=\u001b[2J\nmachine=../../etc\nsocket=relative\n')).toEqual({
      host: '[2J',
      hostId: undefined,
      socket: undefined,
    });
    expect(parseGreeting('')).toEqual({ host: undefined, hostId: undefined, socket: undefined });
  });
});
