import { describe, expect, it } from 'vitest';
import { type Able, chooseBackend } from '../../src/actions/choose.ts';
import type { SessionKind } from '../../src/model/session.ts';

const XPRA: Able = { name: 'xpra', kinds: ['app'] };
const VNC: Able = { name: 'vnc', kinds: ['desktop', 'app'] };
const XPRA_DESKTOP: Able = { name: 'xpra-desktop', kinds: ['desktop'] };
const TMUX: Able = { name: 'tmux', kinds: ['terminal'] };

describe('chooseBackend', () => {
  it.each<[string, SessionKind, Able[], string[], string | undefined, string]>([
    ['a terminal', 'terminal', [XPRA, VNC, TMUX], [], 'tmux', 'alpha has tmux, which keeps terminals.'],
    [
      'an application',
      'app',
      [XPRA, VNC, TMUX],
      [],
      'xpra',
      'alpha has xpra, which keeps applications and can be shown here. So could vnc: see the setting preferBackends.',
    ],
    [
      'a desktop',
      'desktop',
      [XPRA, VNC, XPRA_DESKTOP],
      [],
      'vnc',
      'alpha has vnc, which keeps desktops and can be shown here. So could xpra-desktop: see the setting preferBackends.',
    ],
    [
      'a desktop that only the second can show here',
      'desktop',
      [VNC, XPRA_DESKTOP],
      ['vnc'],
      'xpra-desktop',
      'alpha has xpra-desktop, which keeps desktops and can be shown here. vnc would come first, and cannot be shown here.',
    ],
    [
      'a desktop that only the second of three can show here',
      'desktop',
      [VNC, XPRA_DESKTOP, { name: 'x2go', kinds: ['desktop'] }],
      ['vnc'],
      'xpra-desktop',
      'alpha has xpra-desktop, which keeps desktops and can be shown here. So could x2go: see the setting preferBackends. vnc would come first, and cannot be shown here.',
    ],
    [
      'what nothing here can show',
      'app',
      [XPRA, VNC],
      ['xpra', 'vnc'],
      'xpra',
      'alpha has xpra, which keeps applications. Nothing here shows it, nor vnc.',
    ],
    [
      'an application where there are only terminals',
      'app',
      [TMUX],
      [],
      'tmux',
      'Nothing on alpha keeps applications: tmux runs it in a terminal.',
    ],
    ['a desktop where there is none', 'desktop', [TMUX, XPRA], [], undefined, ''],
    ['anything on a host that has nothing', 'app', [], [], undefined, ''],
  ])('%s', async (_, kind, able, unseen, name, why) => {
    const choice = await chooseBackend('alpha', kind, able, async (each) => !unseen.includes(each));
    expect(choice).toEqual(name === undefined ? undefined : { name, why });
  });

  it('says that the user’s own order decided, where there was something to decide', async () => {
    const why = async (able: Able[], preferred: string[]) =>
      (await chooseBackend('alpha', 'app', able, undefined, preferred))?.why;
    expect(await why([VNC, XPRA], ['vnc', 'screen'])).toBe(
      'alpha has vnc, which keeps applications. So could xpra: your setting preferBackends decided.',
    );
    expect(await why([XPRA, VNC], ['screen'])).toContain('see the setting preferBackends');
    expect(await why([VNC], ['vnc'])).toBe('alpha has vnc, which keeps applications.');
  });

  it('does not speak of showing what is not to be shown', async () => {
    const choice = await chooseBackend('alpha', 'app', [XPRA, VNC], undefined);
    expect(choice?.why).toBe(
      'alpha has xpra, which keeps applications. So could vnc: see the setting preferBackends.',
    );
  });

  it('asks what can be shown only where there is a choice', async () => {
    const asked: string[] = [];
    const canShow = async (name: string) => asked.push(name) > 0;
    await chooseBackend('alpha', 'terminal', [XPRA, TMUX], canShow);
    expect(asked).toEqual([]);
    await chooseBackend('alpha', 'app', [XPRA, VNC], canShow);
    expect(asked).toEqual(['xpra']);
  });
});
