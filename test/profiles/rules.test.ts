/** What the schema cannot say of a profile. By what an author would write wrong: check.test.ts. */
import { describe, expect, test } from 'vitest';
import { checkProfile } from '../../src/profiles/rules.ts';
import { smallProfile } from './small-profile.ts';

// As a file says it: nothing is known of its form.
type Raw = Record<string, Record<string, unknown>>;

/** What is wrong with the small profile after `change`. */
function problem(change: (profile: Raw) => void): string {
  const profile = structuredClone(smallProfile()) as unknown as Raw;
  change(profile);
  try {
    checkProfile(profile, 'x.yaml');
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return 'it was accepted';
}

const put =
  (section: string, more: Record<string, unknown>) =>
  (profile: Raw): void => {
    profile[section] = { ...profile[section], ...more };
  };
const viewer = (more: Record<string, unknown>) => (profile: Raw) => {
  profile.view = [{ seats: ['x11'], program: 'v', argv: ['v'], timeout: 3, ...more }] as never;
};
const option = (more: Record<string, unknown>) => put('options', { size: { doc: 'Size.', ...more } });

describe('secrets', () => {
  const files = viewer({ files: { pw: { text: '{cookie}' } } });
  const secret = (endpoint: object) => (profile: Raw) => {
    files(profile);
    put('connect', { secrets: ['cookie'], endpoint })(profile);
  };

  test.each([
    ['a path', { kind: 'unix', path: '/run/{cookie}' }, 'connect.endpoint.path'],
    ['a port', { kind: 'unix', path: '', port: '{cookie}' }, 'connect.endpoint.port'],
  ])('are no part of %s', (_, endpoint, path) => {
    expect(problem(secret(endpoint))).toBe(
      `x.yaml: ${path}: “cookie” is a secret, which “files” of a viewer alone may name.`,
    );
  });

  test('are no argument of what a viewer runs by an ssh of its own', () => {
    const ssh = (profile: Raw) => {
      secret({ kind: 'ssh', argv: ['run', '{cookie}'] })(profile);
      const { connect, can } = profile as { connect: Record<string, unknown>; can: unknown };
      delete connect.prepare;
      profile.can = (can as string[]).filter((verb) =>
        ['start', 'detach', 'stop', 'rename', 'thumbnail', 'exec-into'].includes(verb),
      ) as never;
    };
    expect(problem(ssh)).toContain('connect.endpoint.argv[1]: “cookie” is a secret');
  });

  test('are no name of a session', () => {
    const named = (profile: Raw) => {
      secret({ kind: 'unix', path: '{path}' })(profile);
      put('start', { localId: '{cookie}' })(profile);
    };
    expect(problem(named)).toContain('start.localId: “cookie” is a secret');
  });

  test('want a viewer that reads them', () => {
    expect(problem(put('connect', { secrets: ['cookie'] }))).toContain('connect.secrets: “files”');
    const pty = (profile: Raw) => secret({ kind: 'pty', argv: ['x'] })(profile);
    expect(problem(pty)).toContain('connect.secrets: “files”');
    expect(problem(secret({ kind: 'unix', path: '{path}' }))).toBe('it was accepted');
  });

  test('of the user are for the commands that get them', () => {
    const asks = (section: string, command: string) => (profile: Raw) => {
      profile.asks = { password: 'small' } as never;
      const before = profile[section] as Record<string, Record<string, unknown>>;
      if (command === '') put(section, { stdin: '{password}' })(profile);
      else put(section, { [command]: { ...before[command], stdin: '{password}' } })(profile);
    };
    expect(problem(asks('start', 'launch'))).toBe('it was accepted');
    expect(problem(asks('connect', 'prepare'))).toBe('it was accepted');
    expect(problem(asks('start', 'ready'))).toContain('start.ready.stdin: “password” is a secret');
    expect(problem(asks('start', 'undo'))).toContain('start.undo.stdin: “password” is no value');
    expect(problem(asks('stop', ''))).toContain('stop.stdin: “password” is no value');
  });
});

describe('an option', () => {
  test.each([
    ['a number over its bounds', { type: 'number', max: 10, default: 50 }, 'a number to 10'],
    ['a number under its bounds', { type: 'number', min: 1, max: 10, default: 0 }, 'a number from 1 to 10'],
    ['a number written as text', { type: 'number', default: '5' }, 'a number'],
    ['text not of its form', { type: 'text', pattern: '[a-z]+', default: '' }, 'text of the form [a-z]+'],
    ['text of its form in part', { type: 'text', pattern: 'a|b', default: 'ac' }, 'text of the form a|b'],
    ['yes for true', { type: 'boolean', default: 'yes' }, 'yes or no'],
    ['a choice as text', { type: 'choice', choices: [8, 24], default: '24' }, 'one of 8, 24'],
  ])('has no default that nobody could give: %s', (_, spec, expected) => {
    expect(problem(option(spec))).toBe(`x.yaml: options.size.default: ${expected} was expected.`);
  });

  test.each([
    ['choices', { type: 'choice', default: 'a' }],
    ['choices', { type: 'number', default: 1, choices: [1] }],
    ['fit', { type: 'number', default: 1, fit: '800x600' }],
    ['start', { type: 'number', default: 1, start: { on: ['--one'] } }],
    ['view', { type: 'number', default: 1, view: { off: ['--one'] } }],
  ])('has %s where its type has, and there only', (key, spec) => {
    expect(problem(option(spec))).toContain(`x.yaml: options.size.${key}: `);
  });

  test('is no value of commands that do not get it', () => {
    expect(problem(put('stop', { argv: ['kill', '{size}'] }))).toContain(
      'stop.argv[1]: “size” is no value that is known there',
    );
    expect(problem(put('start', { undo: { argv: ['undo', '{size}'] } }))).toBe('it was accepted');
  });

  test('that a viewer cannot do is one of the profile', () => {
    expect(problem(viewer({ without: ['size', 'constructor'] }))).toContain('view[0].without: “constructor”');
  });
});

describe('sections', () => {
  test('a script alone has arguments of its own', () => {
    expect(problem(put('stop', { args: ['x'] }))).toContain('stop.args: ');
  });

  test('what is attached to is prepared', () => {
    const unprepared = (profile: Raw) => void delete profile.connect?.prepare;
    expect(problem(unprepared)).toContain('connect.prepare: ');
  });

  test.each(['move', 'share', 'readonly'])('%s is nothing without attach', (verb) => {
    const lone = (profile: Raw) => {
      profile.can = ['start', 'detach', 'stop', 'rename', 'thumbnail', 'exec-into', verb] as never;
      delete profile.connect;
    };
    expect(problem(lone)).toContain(`“attach” was expected beside “${verb}”`);
  });

  test.each([
    ['info.watchers.keys', (p: Raw) => put('info', { watchers: { keys: '(' } })(p)],
    ['info.output.pattern', (p: Raw) => put('info', { output: { format: 'regex', pattern: '(' } })(p)],
    ['watch.sockets[0]', (p: Raw) => put('watch', { sockets: ['('] })(p)],
    ['view[0].fails', viewer({ fails: '(' })],
    ['view[0].connects', viewer({ connects: '(' })],
    ['view[0].refused', viewer({ refused: '(' })],
  ])('%s is a pattern', (path, change) => {
    expect(problem(change)).toBe(`x.yaml: ${path}: a regular expression was expected.`);
  });
});

describe('the message', () => {
  test('names what its author meant, of the forms that a thing may have', () => {
    const when = [{ when: 'sound', args: [5] }];
    expect(problem(put('stop', { argv: ['x', ...when] }))).toBe(
      'x.yaml: stop.argv[1].args[0]: string was expected.',
    );
  });

  test('holds nothing of the file that a terminal would obey or hide', () => {
    const odd = '\u001b[31m\u202egnp';
    const found = problem(put('options', { [odd]: { type: 'boolean', default: true, doc: 'x' } }));
    expect(found).toMatch(/^x\.yaml: options\./u);
    const key = problem(put('stop', { [odd]: 1 }));
    const template = problem(put('stop', { argv: [`{${odd}`] }));
    for (const message of [found, key, template]) expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});
