/** How a channel comes about where a server is slow, refuses, or goes; against real ones in restricted.real.test.ts. */
import { connect } from 'node:net';
import type { Session } from 'ssh2';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Asker } from '../../src/ssh/auth/asker.ts';
import { AuthChain } from '../../src/ssh/auth/chain.ts';
import { Brink } from '../../src/ssh/brink.ts';
import { type Line, openLine } from '../../src/ssh/line.ts';
import { execOpening, NothingDone, type Opening, sftpOpening } from '../../src/ssh/openings.ts';
import { resolveTarget } from '../../src/ssh/ssh-config.ts';
import { type SshServer, startSshServer } from '../rigs/ssh-server.ts';
import { until } from '../rigs/until.ts';

let server: SshServer | undefined;
let line: Line | undefined;
afterEach(() => {
  vi.useRealTimers();
  line?.close();
  server?.stop();
});

/** @param serve each request for a session: a server that does not accept one has not answered yet */
async function rig(serve: (accept: () => Session, reject: () => void) => void) {
  server = await startSshServer({ ready: (client) => client.on('session', serve) });
  const target = await resolveTarget(server.target, server.environment);
  const check = { algorithms: ['ssh-ed25519'], judge: () => undefined };
  const socket = connect(target.port, target.hostName);
  const opened = await openLine(socket, target, check, new AuthChain(target, [], new Asker(target)));
  line = opened;
  const ledge = { ending: 0 };
  const open = <T>(opening: Opening<T>) => opening.open(opened, new Brink(ledge, () => {}));
  return { server, line: opened, ledge, open };
}

describe('a command', () => {
  it('whose server does not answer is waited for until it is stopped, and ended if it comes all the same', async () => {
    let answer: (() => Session) | undefined;
    let closed = 0;
    const { open } = await rig((accept) => {
      answer = accept;
    });
    const stop = new AbortController();
    const opening = open(execOpening('alpha', 'true', undefined, stop.signal));
    opening.catch(() => {});
    await until('it is asked for', () => answer !== undefined);
    stop.abort();
    await expect(opening).rejects.toMatchObject({ code: 'cancelled' });
    answer?.()
      .on('exec', (accept) => accept())
      .on('close', () => {
        closed += 1;
      });
    await until('its channel is closed', () => closed === 1);
  });

  it('that is not begun in a minute is given up', async () => {
    const { open } = await rig(() => {});
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const opening = open(execOpening('alpha', 'true', undefined));
    opening.catch(() => {});
    await vi.advanceTimersByTimeAsync(60_000);
    await expect(opening).rejects.toMatchObject({
      code: 'timeout',
      message: 'alpha has begun no command for 60 s.',
    });
  });

  it('whose end comes in one packet with its beginning is told all the same', async () => {
    const { open } = await rig((accept) => {
      accept().on('exec', (begin) => {
        const socket = server?.sockets[0];
        socket?.cork();
        const channel = begin();
        channel.write('out');
        channel.exit(3);
        channel.end();
        socket?.uncork();
      });
    });
    const { channel, ending } = await open(execOpening('alpha', 'true', undefined));
    channel.resume();
    expect(await ending).toEqual({ code: 3, signal: undefined });
  });

  it('that a signal ended says which, and one of whose end nothing is said nothing', async () => {
    const endings: ((channel: { exit: (...args: never[]) => unknown; end(): void }) => void)[] = [
      (channel) => channel.exit(...(['KILL', false, ''] as never[])),
      () => {},
    ];
    const { open } = await rig((accept) => {
      accept().on('exec', (begin) => {
        const channel = begin();
        endings.shift()?.(channel as never);
        channel.end();
      });
    });
    for (const expected of [{ code: undefined, signal: 'KILL' }, undefined]) {
      const { channel, ending } = await open(execOpening('alpha', 'true', undefined));
      channel.resume();
      expect(await ending).toEqual(expected);
    }
  });

  it('has not begun when the connection goes before its channel is there; later it may have', async () => {
    let asked = 0;
    const { server, open } = await rig(() => {
      asked += 1;
    });
    const early = open(execOpening('alpha', 'true', undefined));
    early.catch(() => {});
    await until('it is asked for', () => asked === 1);
    for (const socket of server.sockets) socket.destroy();
    await expect(early).rejects.toBeInstanceOf(NothingDone);

    let begun = 0;
    const next = await rig((accept) => {
      accept().on('exec', () => {
        begun += 1;
        for (const socket of next.server.sockets) socket.destroy();
      });
    });
    server.stop();
    await expect(next.open(execOpening('alpha', 'true', undefined))).rejects.not.toBeInstanceOf(NothingDone);
    expect(begun).toBe(1);
  });

  it('is on the brink until it lasts, and again when its output ends or it is given up', async () => {
    const { open, ledge } = await rig((accept) => {
      accept().on('exec', (begin) => begin());
    });
    const { channel, lasts } = await open(execOpening('alpha', 'true', undefined));
    expect(ledge.ending).toBe(1);
    lasts();
    expect(ledge.ending).toBe(0);
    channel.destroy();
    expect(ledge.ending).toBe(1);
  });
});

describe('what a refusal says', () => {
  const because = (message: string) => new Error(message);

  it('of a terminal is not that of a command', () => {
    const size = { rows: 24, cols: 80, width: 0, height: 0 };
    const noTerminal = because('Unable to request a pseudo-terminal');
    expect(execOpening('alpha', 'true', { ...size }).refused(noTerminal)).toMatchObject({
      message: 'alpha gives this user no terminals.',
      hint: expect.stringContaining('PermitTTY'),
    });
    expect(execOpening('alpha', 'true', undefined).refused(noTerminal).message).toContain(
      'refuses to run commands',
    );
    expect(sftpOpening('alpha').refused(because('x'))).toMatchObject({ code: 'not-supported' });
  });

  it('moves no cursor', () => {
    const { message } = execOpening('alpha', 'true', undefined).refused(
      because('\u001b[2Jgone\r\n\u202eevil'),
    );
    expect(message).toBe('alpha refuses to run commands: [2Jgone evil.');
  });
});

describe('SFTP', () => {
  it('over a connection that goes is nothing done; where there is none the server says so', async () => {
    let asked = 0;
    const { server, open } = await rig((accept, reject) => {
      asked += 1;
      if (asked === 1) accept().on('sftp', (_accept, refuse) => refuse());
      else if (asked > 2) reject();
    });
    await expect(open(sftpOpening('alpha'))).rejects.not.toBeInstanceOf(NothingDone);
    const opening = open(sftpOpening('alpha'));
    opening.catch(() => {});
    await until('it is asked for', () => asked === 2);
    for (const socket of server.sockets) socket.destroy();
    await expect(opening).rejects.toBeInstanceOf(NothingDone);
  });

  it('lasts, until it is ended', async () => {
    const { open, ledge } = await rig((accept) => {
      accept().on('sftp', (begin) => begin());
    });
    const sftp = await open(sftpOpening('alpha'));
    expect(ledge.ending).toBe(0);
    sftp.end();
    expect(ledge.ending).toBe(1);
  });
});
