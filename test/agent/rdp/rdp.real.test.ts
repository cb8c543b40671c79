/** Servers that say what RDP servers say, with real certificates: who is met, believed and refused. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { meetRdp, recordRdp, scanRdp, trustError } from '../../../src/agent/rdp/rdp.ts';
import type { Host } from '../../../src/model/host.ts';
import { host } from '../found-host.ts';

const TLS = Uint8Array.from([3, 0, 0, 0x13, 0x0e, 0xd0, 0, 0, 0x12, 0x34, 0, 2, 0, 8, 0, 1, 0, 0, 0]);
const signal = new AbortController().signal;

interface Identity {
  readonly key: string;
  readonly cert: string;
  readonly fingerprint: string;
}

let folder: string;
let state: string;
let good: Identity;
let other: Identity;
const servers: { server: Server; sockets: Set<Socket> }[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hotdesk-rdp-'));
  [good, other] = [identity('good'), identity('other')];
});
afterEach(() => {
  for (const { server, sockets } of servers.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
  rmSync(state, { recursive: true, force: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function identity(name: string): Identity {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  const asked = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', [...asked, '-days', '9', '-subj', `/CN=${name}`, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
  const said = execFileSync('openssl', ['x509', '-in', cert, '-noout', '-fingerprint', '-sha256']).toString();
  const fingerprint = said.trim().split('=')[1]?.toLowerCase() ?? '';
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8'), fingerprint };
}

/** Listens at `address`, and at the port of the last one where there was one. */
function serve(onConnection: (socket: Socket) => void, address = '127.0.0.1', port = 0): Promise<number> {
  state = join(folder, 'state');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  servers.push({ server, sockets });
  return new Promise((resolve) => {
    server.listen(port, address, () => resolve((server.address() as AddressInfo).port));
  });
}

const presents =
  ({ key, cert }: Identity) =>
  (socket: Socket) => {
    socket.once('data', () => {
      socket.pause();
      socket.write(TLS);
      const secureContext = createSecureContext({ key, cert });
      new TLSSocket(socket, { isServer: true, secureContext }).on('error', () => {});
    });
  };

const at = (port: number, ...addresses: string[]): Host =>
  host('desk', {
    state: 'rdp-only',
    addresses: addresses.map((address) => ({ address, family: 4 })),
    rdp: { host: 'desk.local', port, typed: false },
  });

describe('a host with RDP alone', () => {
  it('is unknown until its certificate is recorded, and known by it from then on', async () => {
    const desk = at(await serve(presents(good)), '127.0.0.1');
    const met = await meetRdp(desk, state, signal);
    expect(met).toMatchObject({ pin: undefined, presence: { fingerprint: good.fingerprint, nla: false } });
    expect(trustError(desk, met)).toMatchObject({ code: 'host-key-unknown' });
    expect(trustError(desk, met)?.message).toContain(good.fingerprint);
    expect(await scanRdp(desk, state, signal)).toMatchObject({ state: 'unknown', isRdp: true });
    await expect(recordRdp(desk, other.fingerprint, state, signal)).rejects.toMatchObject({
      code: 'host-key-changed',
    });
    expect(await scanRdp(desk, state, signal)).toMatchObject({ state: 'unknown' });
    await recordRdp(desk, good.fingerprint.toUpperCase(), state, signal);
    expect(trustError(desk, await meetRdp(desk, state, signal))).toBeUndefined();
  });

  it('with another certificate is refused with both, whatever port it is said to have', async () => {
    await recordRdp(at(await serve(presents(good)), '127.0.0.1'), good.fingerprint, state, signal);
    const moved = at(await serve(presents(other)), '127.0.0.1');
    const error = trustError(moved, await meetRdp(moved, state, signal));
    expect(error).toMatchObject({ code: 'host-key-changed' });
    expect(error?.message).toContain(good.fingerprint);
    expect(error?.message).toContain(other.fingerprint);
    expect(await scanRdp(moved, state, signal)).toMatchObject({ state: 'changed' });
  });

  it('is found among addresses that somebody else has given it', async () => {
    const port = await serve(presents(other), '127.0.0.1');
    await serve(presents(good), '127.0.0.2', port);
    // Never answers, and is not waited for.
    await serve(() => {}, '127.0.0.3', port);
    const desk = at(port, '127.0.0.3', '127.0.0.1', '127.0.0.2');
    await recordRdp(at(port, '127.0.0.2'), good.fingerprint, state, signal);
    const met = await meetRdp(desk, state, signal);
    expect(met.presence.address).toBe('127.0.0.2');
    expect(trustError(desk, met)).toBeUndefined();
  });
});

describe('what is no RDP server', () => {
  const failure = async (onConnection: (socket: Socket) => void) =>
    meetRdp(at(await serve(onConnection), '127.0.0.1'), state, signal).catch((error: unknown) => error);

  it('is one error', async () => {
    expect(await failure((socket) => socket.end('SSH-2.0-x\r\n'))).toMatchObject({ code: 'protocol-error' });
    expect(await failure((socket) => socket.destroy())).toMatchObject({ code: 'protocol-error' });
    expect(await failure((socket) => socket.write(Buffer.alloc(1_000_000, 3)))).toMatchObject({
      code: 'protocol-error',
    });
    const plain = Uint8Array.from([3, 0, 0, 11, 6, 0xd0, 0, 0, 0, 0, 0]);
    expect(await failure((socket) => socket.write(plain))).toMatchObject({ code: 'not-supported' });
    const noTls = (socket: Socket) => void socket.once('data', () => socket.end(Buffer.concat([TLS, TLS])));
    expect(await failure(noTls)).toMatchObject({
      code: expect.stringMatching(/protocol-error|unreachable/u),
    });
  });

  it('does not answer, or not at all', async () => {
    const port = await serve(() => {});
    for (const { server } of servers.splice(0)) server.close();
    await expect(meetRdp(at(port, '127.0.0.1'), state, signal)).rejects.toMatchObject({
      code: 'connection-refused',
    });
    const silent = at(await serve(() => {}), '127.0.0.1');
    const stopped = new AbortController();
    const meeting = meetRdp(silent, state, stopped.signal);
    stopped.abort();
    await expect(meeting).rejects.toMatchObject({ code: 'cancelled' });
  });
});
