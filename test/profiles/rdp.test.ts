/** Arguments of xfreerdp, as versions 2 and 3 want them. */
import { expect, test } from 'vitest';
import { viewerCommand } from '../../src/profiles/view.ts';
import { packaged } from '../contract/packaged.ts';

const profile = packaged('rdp');
const ask = {
  view: {
    mode: 'take' as const,
    options: {},
    viewer: { viewerId: 'v1', hostId: 'ab', host: 'beta' },
    password: 'in the file',
  },
  session: { localId: '10', name: 'office' },
  ref: 'rdp:10@alpha',
  seat: 'x11' as const,
  path: '/run/x.sock',
  folder: '/run/private',
  hotdesk: [],
  secrets: { user: 'me', print: 'aa:bb', password: 'p {user} /x' },
};
const render = async (
  options: Record<string, string | number | boolean>,
  there: (name: string, holds?: string) => boolean,
) =>
  viewerCommand(profile, { ...ask, view: { ...ask.view, options } }, async (name, holds) =>
    there(name, holds),
  );
const two = (name: string, holds?: string) => name === 'xfreerdp' && holds === undefined;
const three = (name: string, holds?: string) => name === 'xfreerdp' && holds === 'libfreerdp-client3.so';

test('the password, who it is of and the fingerprint are in a file that goes when it shows', async () => {
  const command = await render({}, two);
  expect(command.files).toHaveLength(1);
  expect(command.files[0]).toMatchObject({ path: '/run/private/v1.rdp', untilShown: true });
  expect(command.files[0]?.data.toString()).toBe('/u:me\n/p:p {user} /x\n/cert:fingerprint:sha256:aa:bb\n');
  expect(command.argv).toEqual([
    ...['stdbuf', '-oL', 'xfreerdp', '/run/private/v1.rdp', '/v:/run/x.sock', '/sec:tls', '/t:office'],
    ...['/log-level:INFO', '/size:1280x800', '/bpp:32', '+clipboard'],
  ]);
});

test('the keyboard is named as each version wants it', async () => {
  const options = {
    keyboard: '0x407',
    drive: '/home/me/a b',
    sound: true,
    fullscreen: true,
    clipboard: false,
  };
  const old = await render(options, two);
  expect(old.argv).toEqual(
    expect.arrayContaining(['/kbd:0x407', '/drive:hotdesk,/home/me/a b', '/sound', '/f', '-clipboard']),
  );
  for (const program of ['xfreerdp3', 'sdl-freerdp3', 'sdl-freerdp']) {
    const { argv } = await render(options, (name) => name === program);
    expect(argv[2]).toBe(program);
    expect(argv).toContain('/kbd:layout:0x407');
  }
  expect((await render(options, three)).argv).toEqual(
    expect.arrayContaining(['xfreerdp', '/kbd:layout:0x407']),
  );
});

test('values that an argument could be made of are refused', async () => {
  await expect(render({ drive: 'a,b' }, two)).rejects.toMatchObject({ code: 'bad-option' });
  await expect(render({ keyboard: '/p:x' }, two)).rejects.toMatchObject({ code: 'bad-option' });
});
