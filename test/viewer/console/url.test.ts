import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConsole } from '../../../src/viewer/console/read.ts';
import { parseKeyFile, unescapeString } from '../../../src/viewer/key-file.ts';
import { NONE } from './wishes.ts';

const read = (text: string) => readConsole(Buffer.from(text), NONE);
const keysOf = (url: string) => Object.fromEntries(parseKeyFile(read(url).text).get('virt-viewer') ?? []);

describe('a URL', () => {
  it.each([
    ['spice://vm.example:5900', { type: 'spice', host: 'vm.example', port: '5900' }],
    ['spice://vm.example?port=5900&tls-port=5901', { host: 'vm.example', port: '5900', 'tls-port': '5901' }],
    ['spice://127.0.0.1:5900?password=tick', { host: '127.0.0.1', password: 'tick' }],
    ['SPICE://[fe80::1]:5900', { host: '[fe80::1]' }],
    ['vnc://10.0.0.1', { type: 'vnc', host: '10.0.0.1', port: '5900' }],
    ['vnc://me@10.0.0.1:5901/', { username: 'me', port: '5901' }],
  ])('%s becomes a .vv file', (url, keys) => {
    expect(keysOf(url)).toMatchObject(keys);
  });

  it.each([
    ['rdp://desk.example', ['full address:s:desk.example']],
    ['rdp://LAB%5Cme@desk.example:3390', ['full address:s:desk.example:3390', 'username:s:LAB\\me']],
    [
      'rdp://full%20address=s:desk:3389&username=s:me&audiomode=i:2',
      ['full address:s:desk:3389', 'audiomode:i:2'],
    ],
  ])('%s becomes a .rdp file', (url, lines) => {
    expect(read(url).text.split('\r\n')).toEqual(expect.arrayContaining(lines));
  });

  it('of a socket names its path; a file of a stranger cannot', () => {
    const file = read('spice+unix:///run/user/1000/a%20b/spice.sock\n');
    expect(file).toMatchObject({ name: 'spice.sock', host: '' });
    expect(parseKeyFile(file.text).get('virt-viewer')?.get('unix-path')).toBe(
      '/run/user/1000/a b/spice.sock',
    );
    const other = read('[virt-viewer]\ntype=spice\nhost=a\nport=1\nunix-path=/run/docker.sock\n');
    expect(other.text).not.toContain('docker');
    expect(other.leftOut).toEqual(['a socket of this machine (unix-path)']);
  });

  it.each([
    'spice://',
    'spice://-x:1',
    'spice://host',
    'spice://host:99999',
    'spice://host:1?exec=sh',
    'spice+unix://relative',
    'spice+unix:///a%00b',
    'vnc://h%0a:1',
    'rdp://h?x=1',
    'rdp://a%0aalternate%20shell:s:x',
    'rdp://full%20address=s:h%0aalternate%20shell:s:x',
    'http://host/',
    'spice://%zz@host:1',
  ])('%s is refused', (url) => {
    expect(() => read(url)).toThrow(expect.objectContaining({ code: 'bad-argument' }));
  });

  it('brings any password through to the file as it is', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[^\p{Cc}\s\ufffd]{1,20}$/u), (password) => {
        if (!password.isWellFormed()) return;
        const url = `spice://host:1?password=${encodeURIComponent(password)}`;
        expect(unescapeString(keysOf(url).password ?? '')).toBe(password);
      }),
    );
  });
});
