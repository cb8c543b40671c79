/** The relay's text, run here by a shell; over SSH in restricted.real.test.ts. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NO_PROGRAM, READY, RELAYS, type RelayRecipe, relayScript } from '../../src/ssh/relay.ts';

let dir: string;
let echo: Server | undefined;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hd-relay-'));
});
afterEach(() => {
  echo?.close();
  echo = undefined;
  rmSync(dir, { recursive: true });
});

/** Says back what it hears, and ends with it. */
async function startEcho(path: string): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => {}).pipe(socket));
  echo = server;
  await new Promise<void>((resolve) => server.listen(path, resolve));
}

async function run(script: string, input: string, { cwd = dir, path = process.env.PATH } = {}) {
  const child = spawn('/bin/sh', ['-c', script], { cwd, env: { PATH: path } });
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  child.stdin.on('error', () => {}).end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
}

/** Its words to standard error. */
function recipe(program: string, ...words: readonly string[]): RelayRecipe {
  return { program, argv: () => ['sh', '-c', 'echo "$@" >&2', 'sh', ...words] };
}

describe('the relay by python3', () => {
  const script = (path: string) => relayScript({ kind: 'unix', path }, RELAYS.slice(0, 1));

  it('is not led astray by a module of the user’s that has the name of one of Python’s', async () => {
    const home = join(dir, 'home');
    mkdirSync(home);
    for (const name of ['socket', 'threading'])
      writeFileSync(join(home, `${name}.py`), 'raise SystemExit("mine")');
    const path = join(dir, 'echo.sock');
    await startEcho(path);
    const { code, stdout, stderr } = await run(script(path), 'hello', { cwd: home });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'hello' });
    expect(stderr).toMatch(READY);
  });

  it('says why where nobody answers, and is not taken for connected', async () => {
    const { code, stderr } = await run(script(join(dir, 'none.sock')), '');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^hotdesk-relay: .*No such file/u);
    expect(stderr).not.toMatch(READY);
  });

  it('takes a path for a path, whatever is in it', async () => {
    const path = join(dir, `-c 'x' "$(id)" \`id\`\n;é`);
    await startEcho(path);
    expect(await run(script(path), 'hello')).toMatchObject({ code: 0, stdout: 'hello' });
  });
});

describe('which relay', () => {
  const endpoint = { kind: 'unix', path: '/x' } as const;
  const said = async (recipes: readonly RelayRecipe[], options = {}) =>
    (await run(relayScript(endpoint, recipes), '', options)).stderr.trim();

  it('is the first whose program is there', async () => {
    expect(await said([recipe('hd-none', 'a'), recipe('sh', 'b'), recipe('cat', 'c')])).toBe('b');
  });

  it('is not one that cannot serve the endpoint, and none is said to be none', async () => {
    const unfit: RelayRecipe = { program: 'sh', argv: () => undefined };
    expect(await said([unfit, recipe('sh', 'b')])).toBe('b');
    expect(await said([unfit])).toBe(NO_PROGRAM);
    expect(await said([])).toBe(NO_PROGRAM);
    expect(await run(relayScript(endpoint, [recipe('hd-none')]), '')).toMatchObject({ code: 1, stdout: '' });
  });

  it('is found by its name alone, which is no shell text', async () => {
    const name = `it's $(echo x)`;
    writeFileSync(join(dir, name), '');
    chmodSync(join(dir, name), 0o755);
    const path = `${dir}:${process.env.PATH}`;
    expect(await said([recipe(name, 'found')], { path })).toBe('found');
  });

  it('by socat is left where a name would mean something to it: no option, no further address, no IPv6', () => {
    const [, socat] = RELAYS;
    for (const odd of [
      '/tmp/a,b',
      '/tmp/a:b',
      '/tmp/a b',
      '/tmp/a!!b',
      "/tmp/a'b",
      '/tmp/a"b',
      '/tmp/a\\b',
    ]) {
      expect(socat?.argv({ kind: 'unix', path: odd })).toBeUndefined();
    }
    expect(socat?.argv({ kind: 'tcp', host: '::1', port: 5900 })).toBeUndefined();
    expect(socat?.argv({ kind: 'tcp', host: '127.0.0.1,bind=x', port: 5900 })).toBeUndefined();
    expect(socat?.argv({ kind: 'tcp', host: '127.0.0.1', port: 5900 })?.at(-1)).toBe(
      'TCP:127.0.0.1:5900,nodelay',
    );
  });
});
