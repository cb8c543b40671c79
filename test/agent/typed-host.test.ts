import { describe, expect, it } from 'vitest';
import { typedHost } from '../../src/agent/typed-host.ts';

const of = (target: string) => typedHost({ name: 'x', target }, 'me');

describe('typedHost', () => {
  it.each([
    ['alpha', { user: '', port: undefined }],
    ['you@alpha', { user: 'you', port: undefined }],
    // One's own name says nothing: the host is the same as without it.
    ['me@alpha', { user: '', port: undefined }],
    ['ssh://you@alpha:2222', { user: 'you', port: 2222 }],
    ['alpha:2222', { user: '', port: 2222 }],
  ])('%s is reached as it says', (target, route) => {
    const host = of(target);
    expect({ user: host.route?.user ?? '', port: host.route?.port }).toEqual(route);
    expect(host.rdp).toBeUndefined();
    expect(host).toMatchObject({ name: 'x', target });
  });

  it('an RDP server has no way there by SSH', () => {
    const host = of('rdp://DOMAIN\\you@desk:3390');
    expect(host.rdp).toEqual({ host: 'desk', port: 3390, user: 'DOMAIN\\you' });
    expect(host.route).toBeUndefined();
  });

  it('what ssh itself would refuse is no way, and stops nothing', () => {
    for (const target of ['ssh://', 'ssh://alpha:99999999']) expect(of(target).route).toBeUndefined();
  });
});
