/** Which test makes which fault for which profile. `npm run faults-docs` holds it against the tests, and makes the table of docs/support.md. */
import { CASES } from '../contract/cases.ts';
import { ROWS, SHADOWS } from './backend-faults.ts';

const FAULTS = [
  'backend missing',
  'viewer missing',
  'display or port taken',
  'wrong password',
  'lock of a killed server',
  'no such program',
  'no room',
  'viewer killed',
  'server killed',
  'two at once',
] as const;
type Fault = (typeof FAULTS)[number];

export interface Proof {
  readonly fault: Fault;
  /** Below `test`. */
  readonly file: string;
  /** How the test is called there, or how that begins. */
  readonly test: string;
  readonly profiles: readonly string[];
}

/** Why no test makes a fault: it cannot come, or somebody else's is the same, or it is not tried. */
export interface Gap {
  readonly faults: readonly Fault[];
  readonly profiles: readonly string[];
  readonly why: string;
}

const inTable = ROWS.map(({ backend }) => backend);
const inContract = Object.keys(CASES);
const ofXpra = ['xpra-desktop', 'xpra-shadow', 'xephyr', 'xnest'];
const terminals = ['tmux', 'screen', 'dtach'];
const notKept = ['ssh-x11', 'waypipe'];
const isShadow = (name: string) => SHADOWS.includes(name);

const of = (fault: Fault, file: string, test: string, profiles: readonly string[]): Proof => ({
  ...{ fault, file, test, profiles },
});
const table = 'lab/faults-backends.test.ts';
const killed = 'has no viewer here; then its server is killed while it is shown';
const contract = 'contract/contract.ts';
const consoles = 'lab/faults-console.test.ts';
const single = 'lab/not-kept.test.ts';
const wrong = 'goes wrong, with what each fault is cured by';

export const PROOFS: readonly Proof[] = [
  of('backend missing', table, 'is not installed', inTable),
  of('backend missing', table, 'Xspice that is not there, or crashes', ['xspice']),
  of('backend missing', single, wrong, notKept),
  of('viewer missing', table, killed, inTable),
  of('viewer missing', single, wrong, notKept),
  of('viewer missing', consoles, 'has no viewer, or no room, here', ['console']),
  of('display or port taken', 'lab/faults-session.test.ts', 'takes the next display when one is taken', [
    'xpra',
  ]),
  of(
    'display or port taken',
    'profiles/vnc.real.test.ts',
    'a stale claim is taken over, a display in use is passed over',
    ['vnc'],
  ),
  of(
    'display or port taken',
    'profiles/x2go.real.test.ts',
    'a display with the lock of a dead server is passed over',
    ['x2go'],
  ),
  of(
    'display or port taken',
    'lab/rdp-refusals.test.ts',
    'a display with the lock of a dead server is passed over',
    ['rdp'],
  ),
  of('display or port taken', table, '%s: of two that share a display at once one does', SHADOWS),
  of('wrong password', table, 'a wrong password is said, and the session goes on', ['vnc-shadow']),
  of('wrong password', 'lab/rdp.test.ts', 'a wrong password is one error, and nothing is left', ['rdp']),
  of('wrong password', 'profiles/spice-vm.real.test.ts', 'a wrong password is said at once', ['spice-vm']),
  of('wrong password', consoles, 'a wrong password by %s is said at once', ['console']),
  of('lock of a killed server', table, killed, inTable),
  of(
    'no such program',
    contract,
    'an application that is not there is named',
    inContract.filter((name) => !isShadow(name)),
  ),
  of('no such program', single, wrong, notKept),
  of('no room', table, 'has no room', inTable),
  of('no room', single, wrong, notKept),
  of('no room', consoles, 'has no viewer, or no room, here', ['console']),
  of(
    'viewer killed',
    contract,
    'a viewer that is killed leaves the session',
    inContract.filter((name) => !CASES[name]?.isVariant),
  ),
  of('viewer killed', single, 'ends with its viewer, however that ends', ['ssh-x11']),
  of('viewer killed', consoles, 'its viewer is killed; then its server is, and is no more', ['console']),
  of('server killed', table, killed, inTable),
  of('server killed', single, wrong, notKept),
  of('server killed', consoles, 'its viewer is killed; then its server is, and is no more', ['console']),
  of(
    'two at once',
    contract,
    'many started at once are as many sessions',
    inContract.filter((name) => (CASES[name]?.atOnce ?? 1) > 1),
  ),
  of('two at once', table, '%s: of two that share a display at once one does', SHADOWS),
  of('two at once', 'lab/rdp-refusals.test.ts', 'of two at once one is started, and the other says why not', [
    'rdp',
  ]),
  of('two at once', single, wrong, notKept),
  of('two at once', consoles, 'of two at once each is its own', ['console']),
];

export const GAPS: readonly Gap[] = [
  {
    faults: ['display or port taken'],
    profiles: [...terminals, 'spice-vm'],
    why: 'it takes neither: its sockets are in a folder of its own',
  },
  { faults: ['display or port taken'], profiles: notKept, why: 'sshd or waypipe takes what is free' },
  { faults: ['display or port taken'], profiles: ['console'], why: 'it takes none' },
  {
    faults: ['display or port taken'],
    profiles: ofXpra.filter((name) => !isShadow(name)),
    why: 'as `xpra`, which starts it',
  },
  {
    faults: ['wrong password'],
    profiles: ['xpra', ...ofXpra, ...terminals, 'x2go', ...notKept],
    why: 'there is none: SSH lets in',
  },
  { faults: ['wrong password'], profiles: ['vnc'], why: 'as `vnc-shadow`, by the same viewers' },
  { faults: ['wrong password'], profiles: ['rdp-shadow'], why: 'servers with one are not tried' },
  { faults: ['viewer killed'], profiles: ofXpra, why: 'as `xpra`, whose viewer it is' },
  { faults: ['viewer killed'], profiles: ['waypipe'], why: 'as `ssh-x11`' },
  {
    faults: ['lock of a killed server'],
    profiles: [...notKept, 'console'],
    why: 'it has no server of its own, and keeps nothing',
  },
  { faults: ['no such program'], profiles: [...SHADOWS, 'console'], why: 'it runs none' },
  { faults: ['backend missing'], profiles: ['console'], why: 'it is its viewer' },
  {
    faults: FAULTS.filter((fault) => fault !== 'backend missing'),
    profiles: ['xspice'],
    why: 'it crashes on Debian 12, which is found out before anything starts',
  },
];

/** What is wrong with these: cells without a proof or a reason, or with both, and tests that are not there. */
export function problemsOf(
  proofs: readonly Proof[],
  gaps: readonly Gap[],
  profiles: readonly string[],
  textOf: (file: string) => string,
): string[] {
  const found: string[] = [];
  for (const { file, test } of proofs) {
    if (!textOf(file).includes(`'${test}`)) found.push(`${file} has no test “${test}”`);
  }
  for (const profile of profiles) {
    for (const fault of FAULTS) {
      const proved = proofs.filter((proof) => proof.fault === fault && proof.profiles.includes(profile));
      const left = gaps.filter((gap) => gap.faults.includes(fault) && gap.profiles.includes(profile));
      if (proved.length + left.length !== 1)
        found.push(`${profile}, ${fault}: ${proved.length} tests, ${left.length} reasons`);
    }
  }
  for (const name of new Set([...proofs, ...gaps].flatMap((each) => each.profiles))) {
    if (!profiles.includes(name)) found.push(`there is no profile ${name}`);
  }
  return found;
}

/** As Markdown: the kind of test, or the number of the reason why there is none. */
export function matrix(proofs: readonly Proof[], gaps: readonly Gap[], profiles: readonly string[]): string {
  const reasons = [...new Set(gaps.map(({ why }) => why))];
  const cell = (profile: string, fault: Fault) => {
    const proof = proofs.find((each) => each.fault === fault && each.profiles.includes(profile));
    if (proof) return kindOf(proof);
    const gap = gaps.find((each) => each.faults.includes(fault) && each.profiles.includes(profile));
    return `– (${reasons.indexOf(gap?.why ?? '') + 1})`;
  };
  const rows = profiles.map((profile) => [`\`${profile}\``, ...FAULTS.map((fault) => cell(profile, fault))]);
  const lines = [['profile', ...FAULTS], ['---', ...FAULTS.map(() => '---')], ...rows];
  const notes = reasons.map((why, at) => `${at + 1}. ${why[0]?.toUpperCase()}${why.slice(1)}.`);
  return [...lines.map((line) => `| ${line.join(' | ')} |`), '', ...notes].join('\n');
}

function kindOf({ file }: Proof): string {
  if (file.startsWith('lab/')) return 'hosts';
  return file.startsWith('contract/') ? 'contract' : 'program';
}
