/** Step `trust`: who answers there. */
import { posix } from 'node:path';
import { HotdeskError } from '../../kernel/errors.ts';
import { hostKeyError, missingLines, type PresentedKey } from '../../ssh/ssh.ts';
import { changesOf, type Visit } from '../deps.ts';
import { aloud, grouped, isSameFingerprint } from '../identity/aloud.ts';
import { randomart } from '../identity/randomart.ts';
import { askDns, type DnsWord, systemResolver } from '../identity/sshfp.ts';
import { art, command, fact, text, warning } from '../lines.ts';
import { undoStep } from '../undo-step.ts';
import type { Line, Question, Step } from '../wizard.ts';
import { needs, placeOf } from './needs.ts';

/** Where sshd keeps the public half of a host key of each type (sshd_config(5), HostKey). */
const FILES: Readonly<Record<string, string>> = {
  'ssh-ed25519': 'ed25519',
  'ssh-rsa': 'rsa',
  'ecdsa-sha2-nistp256': 'ecdsa',
  'ecdsa-sha2-nistp384': 'ecdsa',
  'ecdsa-sha2-nistp521': 'ecdsa',
};

export function trustStep(visit: Visit): Step {
  let presented: PresentedKey | undefined;
  let dns: DnsWord | undefined;
  // A jump host on the way may ask for its own password.
  const scan = (signal: AbortSignal) => visit.pool.scan(placeOf(visit).target, signal, visit.prompter);
  const shownKey = (): PresentedKey => {
    if (!presented) throw new HotdeskError('internal', 'The key was not looked at.');
    return presented;
  };
  return {
    id: 'trust',
    title: 'Who is it',
    async look(signal) {
      if (!visit.place) return needs('host');
      presented = await scan(signal);
      const { verdict, key, target } = presented;
      if (verdict.state === 'trusted') {
        const { file, line } = verdict.entry;
        const why = presented.certificate ?? `known from ${file}:${line}`;
        return { state: 'done', facts: [fact(`${keyText(presented)}, ${why}`)] };
      }
      const why = hostKeyError(verdict, key, visit.place.name, target.hostKey);
      if (verdict.state !== 'unknown' && why)
        return { state: 'blocked', facts: [fact(keyText(presented))], why };
      return { state: 'todo', facts: [fact(keyText(presented))] };
    },
    async explain(signal) {
      const place = placeOf(visit);
      const key = shownKey();
      dns = await askDns(place.resolved.hostName, key.key, await systemResolver(visit.deps.env), signal);
      return { lines: explained(visit, key, dns), questions: questions(key, dns) };
    },
    async do(answers) {
      const choice = answers['trust.key'];
      const key = shownKey();
      if (choice === 'compare') {
        const typed = String(answers['trust.expected'] ?? '');
        if (!isSameFingerprint(typed, key.fingerprint)) throw anotherKey(placeOf(visit).name, key);
      } else if (choice !== 'accept') return 'declined';
      await record(visit, key);
      return 'done';
    },
    async verify(_report, signal) {
      presented = await scan(signal);
      const { verdict } = presented;
      if (verdict.state === 'trusted') {
        return [fact(`${keyText(presented)}, recorded in ${verdict.entry.file}:${verdict.entry.line}`)];
      }
      throw (
        hostKeyError(verdict, presented.key, placeOf(visit).name, presented.target.hostKey) ??
        anotherKey(placeOf(visit).name, presented)
      );
    },
    undo: (report, signal) => undoStep(visit, 'trust', report, signal),
  };
}

function keyText({ type, fingerprint }: PresentedKey): string {
  return `${type} ${fingerprint}`;
}

function explained(visit: Visit, key: PresentedKey, dns: DnsWord): Line[] {
  const place = placeOf(visit);
  const file = FILES[key.type];
  return [
    text(
      `${place.name} was never met from here. It shows this key; if that is not its own, somebody else answers in its place.`,
    ),
    fact(keyText(key)),
    ...art(randomart(key.key)),
    text(`To be read aloud: ${grouped(key.fingerprint)}`),
    ...aloud(key.fingerprint).map((group) => fact(group)),
    text('To compare, on that machine itself (its screen, or somebody who sits there):'),
    command(`ssh-keygen -lvf /etc/ssh/ssh_host_${file ?? 'ed25519'}_key.pub`),
    ...claims(visit, key),
    ...dnsLines(dns),
    ...alsoKnown(key),
  ];
}

function claims(visit: Visit, key: PresentedKey): Line[] {
  const claimed =
    placeOf(visit).row?.adverts.flatMap(({ fingerprint }) => (fingerprint ? [fingerprint] : [])) ?? [];
  if (claimed.length === 0) return [fact('Its advert names no key.')];
  return claimed.every((each) => each === key.fingerprint)
    ? [fact('Its advert names the same key. That is a claim: anybody on this network can advertise.')]
    : [
        warning(
          `Its advert names ANOTHER key (${claimed.join(', ')}): somebody may be pretending to be this host.`,
        ),
      ];
}

function dnsLines(dns: DnsWord): Line[] {
  switch (dns.state) {
    case 'match':
      return [fact('DNS names the same key, proved by DNSSEC: whoever runs the domain vouches for it.')];
    case 'mismatch':
      return [
        warning('DNS names ANOTHER key, proved by DNSSEC: this is not the machine that its domain means.'),
      ];
    case 'not-checked':
      return [fact(`DNS does not vouch for it: ${dns.why}`)];
  }
}

function alsoKnown({ verdict, certificate }: PresentedKey): Line[] {
  if (verdict.state !== 'unknown') return [];
  return [
    ...(verdict.knownAs.length > 0 ? [fact(`You know this very key as ${verdict.knownAs.join(', ')}.`)] : []),
    ...(certificate === undefined ? [] : [warning(certificate)]),
  ];
}

function questions(key: PresentedKey, dns: DnsWord): Question[] {
  return [
    {
      id: 'trust.key',
      kind: 'select',
      text: 'Is this its key?',
      choices: [
        { value: 'refuse', label: 'no, or not sure: record nothing' },
        { value: 'compare', label: 'compare: type in the fingerprint that it should have' },
        { value: 'accept', label: 'yes, I have compared it: record it in known_hosts' },
      ],
      default: dns.state === 'match' ? 'accept' : 'refuse',
      byYes: dns.state === 'match' ? 'accept' : undefined,
    },
    {
      id: 'trust.expected',
      kind: 'text',
      text: 'Its fingerprint, as that machine shows it (SHA256:…)',
      default: '',
      when: (answers) => answers['trust.key'] === 'compare',
      check: (value) =>
        isSameFingerprint(value, key.fingerprint)
          ? undefined
          : 'That is not the fingerprint of the key that answers. Capitals count.',
    },
  ];
}

function anotherKey(name: string, key: PresentedKey): HotdeskError {
  return new HotdeskError(
    'host-key-changed',
    `${name} presents ${key.fingerprint}, not the key that was expected.`,
    {
      hint: 'Nothing was recorded. Compare with `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` on that machine.',
    },
  );
}

async function record(visit: Visit, { target, key }: PresentedKey): Promise<void> {
  const file = target.userKnownHosts[0];
  if (!file) {
    throw new HotdeskError('bad-settings', 'UserKnownHostsFile is none: there is nowhere to record a key.', {
      hint: `Look at it with: ssh -G ${target.name} | grep -i knownhosts`,
    });
  }
  const before = await visit.here.read(file);
  const names = [target.hostKey.primary, ...target.hostKey.spellings];
  const lines = missingLines(before?.toString('utf8') ?? '', names, key, target.hashKnownHosts);
  if (lines.length === 0) return;
  await changesOf(visit, placeOf(visit), 'trust').addLines(
    visit.here,
    posix.normalize(file),
    before,
    lines,
    0o600,
  );
}
