import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConsole } from '../../../src/viewer/console/read.ts';
import { parseKeyFile } from '../../../src/viewer/key-file.ts';
import { NONE } from './wishes.ts';

const read = (text: string, wishes = NONE) => readConsole(Buffer.from(text), wishes);
const keysOf = (text: string) => Object.fromEntries(parseKeyFile(text).get('virt-viewer') ?? []);

// As oVirt hands them out.
const OVIRT = `[virt-viewer]
type=spice
host=10.0.0.5
port=5900
password=Tk7\\\\x+/=
# Password is valid for 120 seconds.
delete-this-file=1
fullscreen=0
title=vm1:%d
toggle-fullscreen=shift+f11
release-cursor=shift+f12
secure-attention=ctrl+alt+end
tls-port=5901
enable-smartcard=0
enable-usb-autoshare=1
usb-filter=-1,-1,-1,-1,0
tls-ciphers=DEFAULT
host-subject=O=lab,CN=10.0.0.5
ca=-----BEGIN CERTIFICATE-----\\nMIIDvTCCAqWgAwIBAgICEAA=\\n-----END CERTIFICATE-----\\n
secure-channels=main;inputs;cursor;playback;record;display;usbredir;smartcard
versions=rhev-win64:2.0-160;rhev-win32:2.0-160
newer-version-url=https://engine/ovirt-engine/services/files/spice/ClientInstaller

[ovirt]
host=engine:443
vm-guid=00000000-0000-0000-0000-000000000001
sso-token=secret
admin=1
`;
const PROXMOX = `[virt-viewer]
host-subject=OU=PVE Cluster Node,O=Proxmox Virtual Environment,CN=pve.lan
proxy=http://pve.lan:3128
type=spice
release-cursor=Ctrl+Alt+R
host=pvespiceproxy:656f2a9b:100:pve::abcdef
title=VM 100 - web
ca=-----BEGIN CERTIFICATE-----\\nMIIF\\n-----END CERTIFICATE-----\\n
password=f00
delete-this-file=1
secure-attention=Ctrl+Alt+Ins
toggle-fullscreen=Shift+F11
tls-port=61000
`;

describe('a .vv file', () => {
  it('of oVirt keeps what leads to the console, and loses what is not its to ask for', () => {
    const file = read(OVIRT);
    expect(file).toMatchObject({ format: 'vv', name: 'vm1:', host: '10.0.0.5', once: true });
    expect(keysOf(file.text)).toEqual({
      ...{ type: 'spice', host: '10.0.0.5', port: '5900', 'tls-port': '5901', password: 'Tk7\\\\x+/=' },
      ...{ title: 'vm1:%d', 'delete-this-file': '1', fullscreen: '0' },
      ...{ 'enable-smartcard': '0', 'enable-usbredir': '0', 'enable-usb-autoshare': '0' },
      'toggle-fullscreen': 'shift+f11',
      'release-cursor': 'shift+f12',
      'secure-attention': 'ctrl+alt+end',
      'host-subject': 'O=lab,CN=10.0.0.5',
      ca: '-----BEGIN CERTIFICATE-----\\nMIIDvTCCAqWgAwIBAgICEAA=\\n-----END CERTIFICATE-----\\n',
      'secure-channels': 'main;inputs;cursor;playback;record;display;usbredir;smartcard',
    });
    expect(file.leftOut).toEqual([
      'every USB device that you plug in (enable-usb-autoshare; -o usb=yes takes it)',
      'the menu of oVirt',
    ]);
    expect(JSON.stringify(file.leftOut)).not.toContain('secret');
  });

  it('of Proxmox names a proxy, and a host that only that proxy knows', () => {
    const file = read(PROXMOX);
    expect(file).toMatchObject({ name: 'VM 100 - web', leftOut: [] });
    expect(keysOf(file.text)).toMatchObject({ proxy: 'http://pve.lan:3128', 'tls-port': '61000' });
  });

  it('takes what the user says over what it says', () => {
    const wishes = {
      ...NONE,
      fullscreen: 'yes',
      sound: 'no',
      depth: '16',
      microphone: true,
      usb: true,
    } as const;
    const keys = keysOf(read(OVIRT, wishes).text);
    expect(keys).toMatchObject({ fullscreen: '1', 'color-depth': '16', 'enable-smartcard': '0' });
    expect(keys).toMatchObject({ 'enable-usb-autoshare': '1', 'usb-filter': '-1,-1,-1,-1,0' });
  });

  it.each([
    ['port=0x10', 'line 4'],
    ['port=5900\nport=5901', 'line 5'],
    ['port=70000', 'line 4'],
    ['port=5900\nhost=other', 'line 5'],
    ['port=5900\nproxy=file:///etc/passwd', 'line 5'],
    ['port=5900\nproxy=http://me:pw@proxy:80', 'line 5'],
    ['port=5900\nca=/etc/ssl/x', 'line 5'],
    ['port=5900\npassword=a\\x', 'line 5'],
    ['port=5900\nfullscreen=yes', 'line 5'],
    ['port=5900\nnonsense', 'line 5'],
    ['', 'port'],
    ['port=5900\u0007', 'control'],
  ])('is refused for %j', (line, where) => {
    const text = `[virt-viewer]\ntype=spice\nhost=a\n${line}\n`;
    expect(() => read(text)).toThrow(
      expect.objectContaining({ code: 'bad-argument', message: expect.stringContaining(where) }),
    );
  });

  it('never says a password in what it refuses', () => {
    const text = '[virt-viewer]\ntype=spice\nhost=a\nport=1\npassword=hunter2\\x\n';
    expect(() => read(text)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
    );
  });

  it('leaves out keys that nobody knows, and names them', () => {
    const file = read('[virt-viewer]\ntype=vnc\nhost=a\nport=5901\nrun-this=/bin/sh\n[x]\na=b\n');
    expect(file.leftOut).toEqual(['keys that hotdesk does not know: run-this', 'group “x”']);
    expect(file.text).not.toContain('run-this');
  });

  it.each(['-oProxyCommand=x', '/etc/passwd', 'a b', 'a;b', '$(id)', ''])('has no host %j', (host) => {
    expect(() => read(`[virt-viewer]\ntype=spice\nhost=${host}\nport=1\n`)).toThrow();
  });

  it('holds after that only keys of the list, whatever was in it', () => {
    const allowed = new Set(
      'type host port tls-port username password title delete-this-file fullscreen ca host-subject proxy color-depth disable-effects secure-channels enable-smartcard enable-usbredir enable-usb-autoshare toggle-fullscreen release-cursor secure-attention smartcard-insert smartcard-remove'.split(
        ' ',
      ),
    );
    const key = fc.oneof(fc.constantFrom(...allowed, 'unix-path', 'usb-filter', 'versions'), fc.string());
    const value = fc.oneof(
      fc.constantFrom('0', '1', '5900', 'a', 'spice', 'x\\ny'),
      fc.string({ unit: 'binary' }),
    );
    const line = fc.tuple(key, value).map(([k, v]) => `${k}=${v}`);
    fc.assert(
      fc.property(fc.array(fc.oneof(line, fc.string()), { maxLength: 12 }), (lines) => {
        const text = ['[virt-viewer]', 'type=spice', 'host=h', 'port=5900', ...lines].join('\n');
        try {
          const file = read(text);
          const groups = parseKeyFile(file.text);
          expect([...groups.keys()]).toEqual(['virt-viewer']);
          for (const name of groups.get('virt-viewer')?.keys() ?? []) expect(allowed).toContain(name);
          const keys = groups.get('virt-viewer');
          expect(keys?.get('host')).toBe('h');
          for (const key of ['enable-smartcard', 'enable-usbredir', 'enable-usb-autoshare'])
            expect(keys?.get(key)).toBe('0');
          for (const left of file.leftOut) expect(left).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad-argument' });
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('any bytes', () => {
  it('are read, or refused with a word', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
        try {
          readConsole(data, NONE);
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad-argument' });
        }
      }),
    );
  });

  it('that are too many are refused', () => {
    expect(() => readConsole(Buffer.alloc(70_000, 'a'), NONE)).toThrow(/64 KiB/u);
    expect(() => read(`[virt-viewer]\n${'#\n'.repeat(600)}`)).toThrow(/500 lines/u);
  });
});
