import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listAliases } from '../../src/ssh/aliases.ts';

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hd-home-'));
  mkdirSync(join(home, '.ssh', 'conf.d'), { recursive: true });
});

afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const write = (name: string, text: string) => writeFileSync(join(home, '.ssh', name), text);
const environment = () => ({ configFile: join(home, '.ssh/config'), home });

describe('listAliases', () => {
  test('takes concrete names in order, follows Include, and ends on a circle', async () => {
    write(
      'config',
      'Include conf.d/*.conf missing "config"\nHost alpha beta *.local !no ?x\nHost="gamma"\nhost alpha # old\nMatch host z\n',
    );
    write('conf.d/20.conf', 'Host twenty\nHost -evil $(id) a;b\n');
    write('conf.d/10.conf', `Host ten\nInclude ~/.ssh/conf.d/deep\n`);
    write('conf.d/deep', 'Host deep\n');
    write('conf.d/.hidden.conf', 'Host hidden\n');
    const aliases = (await listAliases(environment())).map(({ alias }) => alias);
    expect(aliases).toEqual(['ten', 'deep', 'twenty', 'alpha', 'beta', 'gamma']);
  });

  test('tells the HostName of a block, the first that is given', async () => {
    write(
      'config',
      'Host a b\nHostName %h.example.org\nHost a\n hostname 10.0.0.1\nMatch all\nHostName no\n',
    );
    expect(await listAliases(environment())).toMatchObject([
      { alias: 'a', hostName: 'a.example.org' },
      { alias: 'b', hostName: 'b.example.org' },
    ]);
  });

  test("tells the way that a host's blocks lay down, with ssh's defaults", async () => {
    const me = userInfo().username;
    write(
      'config',
      `Host a\nUser someone\nPort 2222\nProxyJump none\nHost b\nUser ${me}\nProxyCommand nc -X 5 %h %p\nHost c a\nPort 7\nUser x\nProxyJump hop\n`,
    );
    expect((await listAliases(environment())).map(({ alias, route }) => [alias, route])).toEqual([
      ['a', { user: 'someone', port: 2222, via: '' }],
      ['b', { user: '', port: 22, via: 'nc -X 5 %h %p' }],
      ['c', { user: 'x', port: 7, via: 'hop' }],
    ]);
  });

  test('no file, no aliases', async () => {
    expect(await listAliases({ home: '/nonexistent' })).toEqual([]);
  });
});
