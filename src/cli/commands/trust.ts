import type { Command } from 'commander';
import { EXIT, HotdeskError } from '../../kernel/errors.ts';
import type { ScannedKey } from '../../protocol/api.ts';
import { isAgreed } from '../ask.ts';
import type { Flags } from '../console.ts';
import { common, examples } from '../options.ts';
import { command, type Run, type Shell } from '../shell.ts';

interface TrustFlags extends Flags {
  readonly fingerprint?: string;
  readonly rdp?: boolean;
}

export function declare(program: Command, shell: Shell): void {
  const trust = common(program.command('trust'))
    .description(
      "Show a host's SSH key and record it in known_hosts, or the certificate of one with RDP alone",
    )
    .argument('<host>', 'which one')
    .option(
      '--fingerprint <fp>',
      'record it without asking if it is this one (SHA256:…; of a certificate aa:bb:…)',
    )
    .option('--rdp', 'its certificate for RDP, where it has SSH too')
    .action((host: string, flags: TrustFlags) =>
      command(shell, flags, async (run) => void (await trustHost(run, host, flags))),
    );
  examples(trust, [
    ['hotdesk trust alpha', 'shows the fingerprint and asks'],
    [
      'hotdesk trust alpha --fingerprint SHA256:Zu3…',
      'for scripts: the fingerprint comes from a place you trust',
    ],
    [
      'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
      'on alpha itself: prints the fingerprint to compare with',
    ],
  ]);
}

/** Shows what a host presents and records it. @returns whether it is trusted now */
export async function trustHost(run: Run, host: string, flags: TrustFlags): Promise<boolean> {
  const rdp = flags.rdp ? { rdp: true } : {};
  const key = await run.call('trust.scan', { host, ...rdp }, `asking ${host} for its key`);
  // Whoever names the new certificate of a host has it from there.
  if (!(key.isRdp && flags.fingerprint !== undefined)) refuseBad(key);
  if (flags.fingerprint !== undefined) {
    requireSame(key, flags.fingerprint);
  } else if (key.state !== 'known') {
    if (!run.console.isInteractive || flags.json) throw unasked(key);
    for (const [name, value] of keyRows(key))
      run.console.print({ text: name.padEnd(13), style: 'bold' }, value);
    const record = key.isRdp ? 'Record its certificate?' : 'Record its key in known_hosts?';
    if (!(await isAgreed(run, `Is this ${key.host}? ${record}`))) {
      run.console.note('Nothing was recorded.');
      run.shell.exitCode = EXIT.cancelled;
      return false;
    }
  }
  const wasKnown = key.state === 'known';
  const recorded = wasKnown
    ? key
    : await run.call('trust.record', { host, fingerprint: key.fingerprint, ...rdp }, 'recording the key');
  if (flags.json) run.console.json({ key: recorded });
  else
    run.console.print(
      `${key.host} is ${wasKnown ? 'trusted already' : 'trusted now'} (${key.type}, ${key.fingerprint})${wasKnown && key.certificate ? `, ${key.certificate}` : ''}.`,
    );
  return true;
}

export function keyRows(key: ScannedKey): [string, string][] {
  if (key.isRdp) {
    return [
      ['host', key.host],
      ['what', key.type],
      ['fingerprint', `${key.fingerprint} (SHA-256)`],
      ['until now', key.state === 'unknown' ? 'none is recorded' : key.state],
    ];
  }
  return [
    ['host', key.host],
    ['key', key.type],
    ['fingerprint', key.fingerprint],
    ['its advert', adverts(key.advertAgrees)],
    ...(key.certificate ? [['certificate', key.certificate] satisfies [string, string]] : []),
    ['known_hosts', key.state === 'unknown' ? 'has no key of it' : key.state],
  ];
}

/** An advert is a claim that anybody on the network can make: it may warn, it cannot vouch. */
function adverts(agrees: boolean | undefined): string {
  if (agrees === undefined) return 'names no key';
  return agrees
    ? 'names the same key (a claim, no proof)'
    : 'names ANOTHER key: somebody may be pretending to be this host';
}

function refuseBad(key: ScannedKey): void {
  if (key.state === 'revoked') {
    throw new HotdeskError(
      'host-key-revoked',
      key.certificate
        ? `The key of ${key.host} (${key.fingerprint}) may not be trusted. ${key.certificate}`
        : `The key of ${key.host} is marked as revoked (${key.fingerprint}).`,
      {
        hint: 'Ask whoever runs it for a new key; the mark is the @revoked line in known_hosts.',
      },
    );
  }
  if (key.state === 'changed' && key.isRdp) {
    throw new HotdeskError(
      'host-key-changed',
      `${key.host} presents another certificate (${key.fingerprint}) than the one that is recorded.`,
      {
        hint: `Find out why: Windows renews its own after half a year. If it is right: \`hotdesk trust ${key.host} --rdp --fingerprint ${key.fingerprint}\`.`,
      },
    );
  }
  if (key.state === 'changed') {
    throw new HotdeskError(
      'host-key-changed',
      `${key.host} presents another key (${key.fingerprint}) than the one that is recorded.${key.certificate ? ` ${key.certificate}` : ''}`,
      {
        hint: `Find out why. If the machine was set up anew: \`ssh-keygen -R ${key.host}\`, then \`hotdesk trust ${key.host}\`.`,
      },
    );
  }
}

/** @throws HotdeskError `host-key-changed` */
function requireSame(key: ScannedKey, expected: string): void {
  const bare = (text: string) => text.replace(/^SHA256:/u, '').replace(/=+$/u, '');
  const same = key.isRdp
    ? expected.toLowerCase() === key.fingerprint
    : bare(expected) === bare(key.fingerprint);
  if (same) return;
  if (key.isRdp) {
    throw new HotdeskError('host-key-changed', `${key.host} presents ${key.fingerprint}, not ${expected}.`, {
      hint: 'Nothing was recorded. Compare with what the machine itself says.',
    });
  }
  throw new HotdeskError('host-key-changed', `${key.host} presents ${key.fingerprint}, not ${expected}.`, {
    hint: 'Nothing was recorded. Compare with `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` on that machine.',
  });
}

function unasked(key: ScannedKey): HotdeskError {
  return new HotdeskError(
    'confirmation-needed',
    `${key.host} presents ${key.type} ${key.fingerprint}; nobody is here to say that this is right.`,
    {
      hint: `Compare it on that machine, then: hotdesk trust ${key.host}${key.isRdp ? ' --rdp' : ''} --fingerprint ${key.fingerprint}`,
    },
  );
}
