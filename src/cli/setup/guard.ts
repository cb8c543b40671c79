/** `--host-key`: the only key that is right, whether it is recorded already or not. */
import { HotdeskError } from '../../kernel/errors.ts';
import type { Answers, Line, WizardEvent } from '../../wizard/wizard.ts';

const FINGERPRINT = /SHA256:[A-Za-z0-9+/]{43}/u;

/** @throws HotdeskError `bad-argument` */
export function fingerprintOf(text: string): string {
  const bare = /^(?:SHA256:)?([A-Za-z0-9+/]{43})=?$/u.exec(text.trim())?.[1];
  if (bare) return `SHA256:${bare}`;
  throw new HotdeskError('bad-argument', '--host-key takes a SHA256 fingerprint.', {
    hint: 'As `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` prints it on that machine: SHA256:….',
  });
}

/** The answers that a host key given beforehand stands for. */
export function answersOf(fingerprint: string | undefined): Answers {
  return fingerprint === undefined ? {} : { 'trust.key': 'compare', 'trust.expected': fingerprint };
}

/** What is wrong with the key that the step `trust` met, if it met another one. */
export function otherKey(event: WizardEvent, expected: string): HotdeskError | undefined {
  if (event.event !== 'looked' || event.step !== 'trust') return undefined;
  const met = fingerprintIn(event.look.facts);
  if (met === undefined || met === expected) return undefined;
  return new HotdeskError('host-key-changed', `The host presents ${met}, not ${expected}.`, {
    hint: 'Nothing was recorded. Compare with `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` on that machine.',
  });
}

function fingerprintIn(lines: readonly Line[]): string | undefined {
  return lines.map(({ text }) => FINGERPRINT.exec(text)?.[0]).find(Boolean);
}
