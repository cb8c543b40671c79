import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pinNameOf, RdpPins } from '../../../src/agent/rdp/pins.ts';

const FIRST = Array.from({ length: 32 }, () => 'ab').join(':');
const SECOND = Array.from({ length: 32 }, () => 'cd').join(':');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hotdesk-pins-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('certificates', () => {
  it('are kept from one agent to the next, readable by the user alone', () => {
    const pins = new RdpPins(join(folder, 'state'));
    expect(pins.get('desk')).toBeUndefined();
    pins.set('desk', FIRST);
    pins.set('__proto__', SECOND);
    pins.set('constructor', SECOND);
    const later = new RdpPins(join(folder, 'state'));
    expect(later.get('desk')).toBe(FIRST);
    expect(later.get('toString')).toBeUndefined();
    expect(later.get('constructor')).toBe(SECOND);
    later.set('desk', SECOND);
    expect(later.get('desk')).toBe(SECOND);
    expect(statSync(join(folder, 'state', 'rdp-hosts.json')).mode & 0o777).toBe(0o600);
  });

  it.each(['', '{', '[]', '{"desk": "no fingerprint"}'])('of a file with %j nobody is believed', (text) => {
    const file = join(folder, 'rdp-hosts.json');
    writeFileSync(file, text);
    const pins = new RdpPins(folder);
    expect(() => pins.get('desk')).toThrow(expect.objectContaining({ code: 'unsafe-file' }));
    expect(() => pins.set('desk', FIRST)).toThrow(expect.objectContaining({ code: 'unsafe-file' }));
    expect(readFileSync(file, 'utf8')).toBe(text);
  });
});

describe('the name of a certificate', () => {
  const name = (host: string, port = 3389, typed = false) => pinNameOf({ host, port, typed });

  it('is one for a machine on the link, whatever port an advert says', () => {
    expect(name('Desk.local.')).toBe('desk');
    expect(name('desk.local', 4000)).toBe('desk');
    expect(name('desk', 3389, true)).toBe('desk');
    expect(name('desk.example', 3389, true)).toBe('desk.example');
  });

  it('has the port that the user typed', () => {
    expect(name('desk', 3390, true)).toBe('desk:3390');
    expect(name('fe80::1', 3390, true)).toBe('[fe80::1]:3390');
  });
});
