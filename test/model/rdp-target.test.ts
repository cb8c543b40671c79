import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRdpUrl, parseRdpTarget } from '../../src/model/rdp-target.ts';
import { readConsole } from '../../src/viewer/console/read.ts';
import { NONE } from '../viewer/console/wishes.ts';

describe('an RDP server that is typed in', () => {
  it.each([
    ['rdp://desk', { host: 'desk', port: 3389, user: undefined }],
    ['RDP://Desk.Example:3390/', { host: 'desk.example', port: 3390, user: undefined }],
    ['rdp://me@10.0.0.7', { host: '10.0.0.7', port: 3389, user: 'me' }],
    ['rdp://LAB\\me@desk', { host: 'desk', port: 3389, user: 'LAB\\me' }],
    ['rdp://me@lab.example@desk', { host: 'desk', port: 3389, user: 'me@lab.example' }],
    ['rdp://[fe80::1%eth0]:3389', { host: 'fe80::1%eth0', port: 3389, user: undefined }],
  ])('%s', (text, target) => {
    expect(parseRdpTarget(text)).toEqual(target);
  });

  it.each([
    'desk',
    'ssh://desk',
    'rdp://',
    'rdp:desk',
    'rdp://-x',
    'rdp:///etc',
    'rdp://desk:0',
    'rdp://desk:65536',
    'rdp://desk:3389x',
    'rdp://desk?a=b',
    'rdp://a b@desk',
    'rdp://@desk',
    'rdp://me:secret@desk',
    'rdp://\u202edesk',
    'rdp://m\u202ee@desk',
    'rdp://[desk]',
    'rdp://fe80::1',
    'rdp://full%20address=s:desk',
    `rdp://${'a'.repeat(300)}`,
  ])('%j is none', (text) => {
    expect(parseRdpTarget(text)).toBeUndefined();
  });

  it('of anything is none, or what hotdesk open takes for the same host', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.string({ unit: fc.constantFrom(...'ab1.-_:@[]%/\\?#= '), maxLength: 20 }),
      fc.domain(),
      fc.ipV4(),
    );
    const found: string[] = [];
    fc.assert(
      fc.property(part, part, fc.option(fc.integer({ min: -1, max: 70_000 })), (user, host, port) => {
        const text = `rdp://${user === '' ? '' : `${user}@`}${host}${port === null ? '' : `:${port}`}`;
        const target = parseRdpTarget(text);
        expect(isRdpUrl(text)).toBe(true);
        if (!target) return;
        found.push(text);
        expect(target.host).toMatch(/^[a-z0-9][a-z0-9._:%-]*$/u);
        expect(target.port).toBeGreaterThan(0);
        expect(target.port).toBeLessThan(65_536);
        expect(`${target.host}${target.user ?? ''}`).not.toMatch(/[\s\p{Cc}\p{Cf}]/u);
        const at = target.host.includes(':') ? `[${target.host}]` : target.host;
        expect(readConsole(Buffer.from(`rdp://${at}:${target.port}`), NONE).host).toBe(at);
      }),
      { numRuns: 500 },
    );
    expect(found.length).toBeGreaterThan(20);
  });
});
