import { describe, expect, it } from 'vitest';
import { readFacts } from '../../../src/wizard/far/far.ts';

describe('readFacts', () => {
  it('reads what the host says, whatever its shell says around it', () => {
    const said = [
      'noise',
      'home=/home/me',
      'uid=1000',
      'user=me',
      'os=ubuntu debian',
      'manager=apt-get',
      'sudo=yes',
    ];
    const more = [
      'node=v18.1.0 /usr/bin/node',
      'node=v22.4.1 /home/me/.nvm/x y/node',
      'hotdesk=0.1.0 /home/me/.local/bin/hotdesk',
    ];
    const last = ['systemd=yes', 'returns=yes', 'socket=/run/user/1000/hotdesk/agent.sock'];
    const text = [...said, ...more, ...last]
      .map((line) => (line === 'noise' ? line : `hotdesk-far:${line}`))
      .join('\n');
    expect(readFacts(text)).toEqual({
      home: '/home/me',
      uid: 1000,
      user: 'me',
      os: ['ubuntu', 'debian'],
      managers: ['apt-get'],
      hasSudo: true,
      node: { version: '22.4.1', path: '/home/me/.nvm/x y/node' },
      hotdesk: { version: '0.1.0', path: '/home/me/.local/bin/hotdesk' },
      socket: '/run/user/1000/hotdesk/agent.sock',
      systemd: true,
      returns: true,
      lingers: false,
    });
  });

  it('has nothing where nothing is said, and wants a home', () => {
    const bare = readFacts('hotdesk-far:home=/h\nhotdesk-far:node= /usr/bin/node\n');
    expect(bare).toMatchObject({
      node: undefined,
      hotdesk: undefined,
      socket: undefined,
      os: [],
    });
    expect(() => readFacts('')).toThrow(/home folder/u);
  });
});
