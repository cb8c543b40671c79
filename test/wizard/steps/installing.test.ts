import { describe, expect, it } from 'vitest';
import type { Profile } from '../../../src/model/profile.ts';
import type { Detected } from '../../../src/profiles/backend.ts';
import { MANAGERS } from '../../../src/wizard/far/far.ts';
import { survey } from '../../../src/wizard/steps/installing.ts';

const profile = (name: string, kinds: readonly string[], install: Record<string, string>, viewer = false) =>
  ({
    name,
    title: `The ${name}`,
    kinds,
    can: ['start', 'stop'],
    detect: { host: { install }, ...(viewer ? { viewer: { install } } : {}) },
  }) as unknown as Profile;

const APT = (name: string) => ({ debian: `apt install ${name}` });
/** By preference. */
const PROFILES = [
  profile('xpra', ['app'], APT('xpra'), true),
  profile('vnc', ['app', 'desktop'], APT('vnc'), true),
  profile('tmux', ['terminal'], {}),
  profile('screen', ['terminal'], APT('screen')),
  profile('shadow', ['shadow'], APT('shadow')),
  { ...profile('ssh-x11', ['app'], {}), connect: { endpoint: { kind: 'ssh' } } } as unknown as Profile,
  {
    ...profile('console', ['console'], {}),
    can: ['stop'],
    connect: { endpoint: { kind: 'file' } },
  } as unknown as Profile,
];
const DEBIAN = { os: ['debian'], managers: MANAGERS };

function found(side: 'host' | 'viewer', ...there: readonly string[]) {
  const probe = new Map<string, Detected>(
    PROFILES.map(({ name }) => [
      name,
      there.includes(name)
        ? { present: true, version: '1.0' }
        : { present: false, missing: { message: `No ${name}.`, hint: '' } },
    ]),
  );
  const { facts, offered } = survey('backends', side, PROFILES, probe, DEBIAN, 'There');
  return { facts: facts.map(({ text }) => text), offered: offered.map(({ id }) => id) };
}

describe('what is worth installing', () => {
  it('is one backend for windows and one for terminals, where there is none', () => {
    expect(found('host').offered).toEqual(['backends.xpra', 'backends.screen']);
    expect(found('host').facts).toEqual([
      'There: nothing yet',
      'Not there, and needed by few: vnc, tmux, shadow, ssh-x11, console.',
    ]);
  });

  it('is one that keeps sessions, though another starts windows', () => {
    expect(found('host', 'ssh-x11', 'tmux').offered).toEqual(['backends.xpra']);
  });

  it('is nothing more where one of each is there', () => {
    const { offered, facts } = found('host', 'vnc', 'tmux');
    expect(offered).toEqual([]);
    expect(facts).toEqual([
      'There: vnc 1.0, tmux 1.0',
      'Not there, and needed by few: xpra, screen, shadow, ssh-x11, console.',
    ]);
  });

  it('tells what keeps no sessions apart, and nothing of what no host starts', () => {
    expect(found('host', 'tmux', 'ssh-x11', 'console').facts.slice(0, 2)).toEqual([
      'There: tmux 1.0',
      'For as long as they are shown: ssh-x11 1.0',
    ]);
    expect(found('host', 'ssh-x11').facts[0]).toBe('There: nothing yet');
  });

  it('is, for showing sessions, only what has a viewer of its own', () => {
    expect(found('viewer').offered).toEqual(['backends.view-xpra']);
    expect(found('viewer', 'vnc').offered).toEqual([]);
  });
});
