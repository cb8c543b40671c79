import { expect, test } from 'vitest';
import type { ViewRequest } from '../../src/profiles/backend.ts';
import { viewerCommand } from '../../src/profiles/view.ts';
import { smallProfile } from './small-profile.ts';

const profile = smallProfile();
const view: ViewRequest = {
  mode: 'take',
  options: {},
  viewer: { viewerId: 'v1', hostId: 'ab', host: 'beta' },
};
const ask = {
  view,
  session: { localId: '7', name: 'seven' },
  ref: 'small:7@alpha',
  seat: 'x11' as const,
  path: '/run/x.sock',
  folder: '/run/private',
  hotdesk: ['/usr/bin/hotdesk'],
};
const everything = async () => true;

test('the first viewer that fits the seat and is there', async () => {
  const command = await viewerCommand(profile, ask, everything);
  expect(command).toEqual({
    name: 'smallview',
    argv: ['smallview', '/run/x.sock', '--mute'],
    env: { SMALL_TAG: 'hotdesk:v1:ab:beta' },
    files: [],
    ready: /^shown/u,
    timeoutMs: 3000,
  });
  expect((await viewerCommand(profile, { ...ask, seat: 'wayland' }, everything)).argv).toEqual(['waysmall']);
  const second = await viewerCommand(
    profile,
    { ...ask, seat: 'wayland' },
    async (name) => name === 'smallview',
  );
  expect(second.argv[0]).toBe('smallview');
});

test('mode and options become arguments', async () => {
  const asked = { ...ask, view: { ...view, mode: 'readonly' as const, options: { size: 9, sound: true } } };
  expect((await viewerCommand(profile, asked, everything)).argv).toEqual([
    'smallview',
    '/run/x.sock',
    '--ro',
    '--sound',
    '--size=9',
  ]);
});

test('no viewer, a mode that is not there, a bad option', async () => {
  await expect(viewerCommand(profile, ask, async () => false)).rejects.toMatchObject({
    code: 'viewer-missing',
    message: expect.stringContaining('smallview'),
  });
  const exclusive = smallProfile((text) => text.replace(' share,', ''));
  const sharing = { ...ask, view: { ...view, mode: 'share' as const } };
  await expect(viewerCommand(exclusive, sharing, everything)).rejects.toMatchObject({
    code: 'not-supported',
  });
  const odd = { ...ask, view: { ...view, options: { size: 99 } } };
  await expect(viewerCommand(profile, odd, everything)).rejects.toMatchObject({ code: 'bad-option' });
});

test('a terminal emulator runs the hotdesk command that opens the session in it', async () => {
  const terminal = smallProfile((text) =>
    text.replace("argv: [smallview, '{path}',", "argv: [smallview, -e, '{...attach}',"),
  );
  const asked = { ...ask, view: { ...view, mode: 'readonly' as const } };
  expect((await viewerCommand(terminal, asked, everything)).argv.slice(0, 7)).toEqual([
    'smallview',
    '-e',
    '/usr/bin/hotdesk',
    'attach',
    'small:7@alpha',
    '--viewer-id',
    'v1',
  ]);
});

test('a viewer with an ssh of its own gets the way there and the command; on this machine the command', async () => {
  const own = smallProfile((text) =>
    text
      .replace(/can: .*/u, 'can: [start, detach, stop, rename, thumbnail, exec-into]')
      .replace(/ {2}prepare: .*\n/u, '')
      .replace(/ {2}endpoint: .*/u, "  endpoint: { kind: ssh, argv: [run, '{place}'] }")
      .replace(
        "argv: [smallview, '{path}',",
        "argv: [{ when: sshTo, args: [ssh, '{...sshTo}', '{there|words}'] }, { when: '!sshTo', args: ['{...there}'] },",
      ),
  );
  const ssh = { to: ['-p', '22', '--', 'alpha'], argv: ['run', 'a b'] };
  const far = await viewerCommand(own, { ...ask, ssh }, everything);
  expect(far.argv.slice(0, 6)).toEqual(['ssh', '-p', '22', '--', 'alpha', "run 'a b'"]);
  const here = await viewerCommand(own, { ...ask, ssh: { ...ssh, to: [] } }, everything);
  expect(here.argv.slice(0, 2)).toEqual(['run', 'a b']);
  await expect(viewerCommand(own, ask, everything)).rejects.toMatchObject({ code: 'not-supported' });
});

test('a viewer that asks for a folder has one of its own', async () => {
  const roomy = smallProfile((text) =>
    text.replace("argv: [smallview, '{path}',", "argv: [smallview, '{path}', '--in={folder}',"),
  );
  const command = await viewerCommand(roomy, ask, everything);
  expect(command.folder).toBe('/run/private/v1.d');
  expect(command.argv[2]).toBe('--in=/run/private/v1.d');
});

test('secrets reach the viewer in private files only', async () => {
  const secret = smallProfile((text) =>
    text
      .replace('endpoint: { kind: unix', 'secrets: [word]\n  endpoint: { kind: unix')
      .replace(
        "argv: [smallview, '{path}',",
        "files: { pw: { base64: '{word}' }, none: { text: '{word}{note}' } }\n    argv: [smallview, '{path}', { when: file.pw, args: ['{file.pw}'] }, { when: '!file.none', args: [-n] },",
      ),
  );
  const word = Buffer.from([0, 255, 7]).toString('base64');
  const command = await viewerCommand(secret, { ...ask, secrets: { word } }, everything);
  expect(command.files[0]).toMatchObject({ path: '/run/private/v1.pw', data: Buffer.from([0, 255, 7]) });
  expect(command.argv.slice(0, 3)).toEqual(['smallview', '/run/x.sock', '/run/private/v1.pw']);
  expect(JSON.stringify(command.argv)).not.toContain(word);
  const open = await viewerCommand(secret, { ...ask, secrets: { word: '' } }, everything);
  expect(open.files).toEqual([]);
  expect(open.argv.slice(0, 3)).toEqual(['smallview', '/run/x.sock', '-n']);
  expect(() =>
    smallProfile((text) =>
      text
        .replace('endpoint: { kind: unix', 'secrets: [word]\n  endpoint: { kind: unix')
        .replace(
          "argv: [smallview, '{path}',",
          "files: { pw: { text: '{word}' } }\n    argv: [smallview, '{word}',",
        ),
    ),
  ).toThrow(/“word” is no value that is known there/u);
});

const several = smallProfile((text) =>
  text.replace(
    '    program: smallview',
    '    program: bigview\n    modes: [take]\n    without: [size]\n    argv: [bigview]\n    timeout: 3\n  - seats: [x11, wayland]\n    program: smallview',
  ),
);

test('the viewer that the user prefers, where it can do what is asked for', async () => {
  const first = async (asked: Partial<typeof ask & { prefer: readonly string[] }>) =>
    (await viewerCommand(several, { ...ask, ...asked }, everything)).argv[0];
  expect(await first({})).toBe('bigview');
  expect(await first({ prefer: ['elsewhere', 'smallview'] })).toBe('smallview');
  expect(await first({ view: { ...view, mode: 'readonly' } })).toBe('smallview');
  expect(await first({ view: { ...view, options: { size: 9 } } })).toBe('smallview');
});
