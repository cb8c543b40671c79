/** Why a console's viewer fails, by its own words, and what can be done about it. Pure. */
import { HotdeskError } from '../../kernel/errors.ts';
import { sanitise } from '../../kernel/text.ts';
import type { ConsoleFile } from '../../viewer/console/console-file.ts';

/** What its output told of why it fails. */
export interface Said {
  /** Of the certificate that nobody vouches for. */
  fingerprint?: string;
  isChanged?: true;
  isRefused?: true;
  /** The other side ended it. */
  isEnded?: true;
  isUnreachable?: true;
  /** Of a SPICE or VNC viewer that could not connect. */
  why?: string | undefined;
  /** The first error number of FreeRDP's connection. */
  errno?: string | undefined;
}

const FINGERPRINT = /(?:Thumbprint|[Ff]ingerprint):\s+((?:[0-9a-f]{2}:){31}[0-9a-f]{2})\s*$/u;

const NOT_CONNECTED = /(?:main channel: failed to connect|got vnc error Unable to connect to \S+:) (.+)/u;
/** Where nothing listens FreeRDP 2 writes to what never was connected, and tells that alone. */
const EPIPE = '32';

/** Takes what `line` of its output tells. */
export function hear(said: Said, line: string): void {
  const fingerprint = FINGERPRINT.exec(line)?.[1];
  if (fingerprint) said.fingerprint = fingerprint;
  if (line.includes('HOST IDENTIFICATION HAS CHANGED')) said.isChanged = true;
  if (/ERRCONNECT_(?:LOGON_FAILURE|AUTHENTICATION_FAILED|PASSWORD|WRONG_PASSWORD)/u.test(line))
    said.isRefused = true;
  if (line.includes('ERRCONNECT_CONNECT_TRANSPORT_FAILED')) said.isEnded = true;
  said.why ??= NOT_CONNECTED.exec(line)?.[1];
  said.errno ??= /returned a system error (\d+)/u.exec(line)?.[1];
  if (said.why || said.errno === EPIPE || /ERRCONNECT_(?:CONNECT_FAILED|DNS_)/u.test(line))
    said.isUnreachable = true;
}

/** The error of a launch with what can be done about it, where that is known. @param about the host as it is known here */
export function explained(
  error: HotdeskError,
  file: ConsoleFile,
  said: Said,
  about: { readonly name: string | undefined; readonly nla: boolean },
): HotdeskError {
  switch (error.code) {
    case 'auth-failed':
      return new HotdeskError(
        'auth-failed',
        `${file.host || 'It'} did not take the password or ticket of ${file.name}.`,
        {
          hint: 'Get a new one from where it came from: many are good for a minute or two only.',
          cause: error,
        },
      );
    case 'viewer-failed':
      return (
        (file.format === 'rdp' ? explainedRdp(error, file, said, about) : undefined) ??
        unavailable(error, file, said)
      );
    case 'timeout':
      return unavailable(error, file, said);
    default:
      return error;
  }
}

/** The session that is opened again with `hotdesk attach` is none of these. */
function unavailable(
  cause: HotdeskError,
  { host, name }: ConsoleFile,
  { isUnreachable, why }: Said,
): HotdeskError {
  const hint = `See whether ${host || 'it'} is there and runs, then open it anew; \`hotdesk doctor\` looks at what is installed here.`;
  const reason = why ? `: ${sanitise(why, 200).replace(/\.$/u, '')}` : '';
  return isUnreachable
    ? new HotdeskError('host-unreachable', `${host || name} cannot be reached${reason}.`, { hint, cause })
    : new HotdeskError(cause.code, cause.message, { hint, cause });
}

function explainedRdp(
  error: HotdeskError,
  { host: address, asks }: ConsoleFile,
  said: Said,
  { name: known, nla }: { readonly name: string | undefined; readonly nla: boolean },
): HotdeskError | undefined {
  const { fingerprint } = said;
  const host = known ?? address;
  if (fingerprint) {
    const [code, what] = said.isChanged
      ? (['host-key-changed', 'has another certificate than before'] as const)
      : (['host-key-unknown', 'has a certificate that nobody vouches for'] as const);
    const way =
      known === undefined ? `add: -o certificate=${fingerprint}` : `\`hotdesk trust ${host} --rdp\`.`;
    return new HotdeskError(code, `${host} ${what}. Its SHA-256 fingerprint: ${fingerprint}`, {
      hint: `Ask who runs ${host} whether that is right, then ${way}`,
      cause: error,
    });
  }
  if (nla && said.isEnded && !said.isRefused) {
    return new HotdeskError('auth-failed', `${host} ended the login.`, {
      hint: 'Check the user and the password: not every server says that they are wrong.',
      cause: error,
    });
  }
  if (said.isRefused) {
    return new HotdeskError('auth-failed', `${host} did not let you in.`, {
      hint: asks ? 'Run it in a terminal, which asks for the password.' : 'Check the user and the password.',
      cause: error,
    });
  }
  return undefined;
}
