// @ts-check
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';

const SESSION = {
  ...{ backend: 'xpra', localId: '1', name: 'xterm', kind: 'app', state: 'live', watchers: [] },
  ...{ hostKey: 'a', host: 'alpha', ref: 'xpra:1@alpha', startedAt: 0 },
};
const VIEWER = {
  ...{ id: 'v', ref: SESSION.ref, hostKey: 'a', backend: 'xpra', localId: '1', seat: ':0', since: 0 },
  state: 'shown',
};
const OPENED = { session: SESSION, viewer: VIEWER };
const SNAPSHOT = {
  self: 'a',
  hosts: [{ key: 'a', name: 'alpha', addresses: [], finders: ['self'], state: 'local', adverts: [] }],
  sessions: [SESSION],
  viewers: [],
  seats: [],
};
/** @type {Readonly<Record<string, unknown>>} */
const ANSWERS = { catalogue: SNAPSHOT, start: OPENED, attach: OPENED };

/**
 * The caches, by what bin/hotdesk.js adds to the bundle's name, with the command lines whose functions they
 * hold. What opens a window has one of its own, so that `list` reads nothing of it.
 */
const CACHES = {
  '.v8': ['list'],
  '.open.v8': ['start alpha --backend xpra -n xterm -o a=b -- xterm', 'attach xterm'],
};

/**
 * Writes V8's code caches beside a bundle of the command line, of the functions that real commands call: with
 * those of `list --help` instead, every list takes 2 ms more. A stand-in answers them, since no agent may be
 * started by a build.
 * @param {string} root the checkout
 * @param {string} bundle
 * @returns {Promise<boolean>} whether all could be made
 */
export async function writeCodeCache(root, bundle) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hotdesk-build-'));
  const server = standIn(apiVersion(root));
  try {
    await new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(path.join(folder, 'agent.sock'), () => resolve(undefined));
    });
    const codes = Object.entries(CACHES).map(([ending, lines]) =>
      exitCode(root, [bundle, `${bundle}${ending}`, ...lines], folder),
    );
    return (await Promise.all(codes)).every((code) => code === 0);
  } catch {
    return false;
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} root */
function apiVersion(root) {
  const text = readFileSync(path.join(root, 'src/protocol/version.ts'), 'utf8');
  return Number(/API_VERSION = (\d+)/u.exec(text)?.[1]);
}

/** @param {number} version */
function standIn(version) {
  return createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.write(`${JSON.stringify({ hotdesk: version, version: 'build', role: 'agent' })}\n`);
    let rest = '';
    socket.on('data', (chunk) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const { id, method } of lines.map((line) => JSON.parse(line))) {
        if (id !== undefined) socket.write(`${JSON.stringify({ id, result: ANSWERS[method] ?? {} })}\n`);
      }
    });
  });
}

/**
 * @param {string} root
 * @param {readonly string[]} args
 * @param {string} folder
 * @returns {Promise<number | null>}
 */
function exitCode(root, args, folder) {
  const script = path.join(root, 'scripts', 'lib', 'code-cache.cjs');
  // With a display, which the commands tell the agent of.
  const env = { PATH: process.env.PATH ?? '', HOME: folder, HOTDESK_RUNTIME_DIR: folder, DISPLAY: ':0' };
  const child = spawn(process.execPath, [script, ...args], { env, stdio: 'ignore', timeout: 20_000 });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
}
