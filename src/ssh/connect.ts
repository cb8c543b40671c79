/** From a resolved target to an authenticated line: address race, host key, login, with the retries that each allows. */
import type { Duplex } from 'node:stream';
import { HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import type { HostAddress } from '../model/host.ts';
import type { Asker } from './auth/asker.ts';
import { AuthChain } from './auth/chain.ts';
import type { AuthProvider } from './auth/provider.ts';
import { whileBusy } from './busy.ts';
import type { Login } from './connection.ts';
import { dial, resolveName } from './dial.ts';
import { hostKeyAlgorithms, judgeHostKey, readShownKey } from './host-key.ts';
import { hostKeyError, vouchedFor } from './host-key-error.ts';
import { fingerprintOf } from './known-hosts.ts';
import { readKnownHosts } from './known-hosts-files.ts';
import { type HostKeyCheck, type Line, openLine, TooManyTries } from './line.ts';
import { openProxy } from './proxy-command.ts';
import type { ResolvedTarget } from './target.ts';

export interface Dialer {
  /** A byte stream to the target's SSH port, not by one of the addresses in `without`; undefined when none is left. */
  open(
    without: readonly HostAddress[],
    signal?: AbortSignal,
  ): Promise<{ stream: Duplex; address: HostAddress | undefined } | undefined>;
}

/** Dials the target itself, by its addresses or its name. */
export function directDialer(target: ResolvedTarget): Dialer {
  return {
    async open(without, signal) {
      const all =
        target.addresses.length > 0
          ? target.addresses
          : await resolveName(target.hostName, target.family, signal);
      const left = all.filter(
        (a) =>
          (target.family === 'any' || a.family === target.family) && !without.some((b) => sameAddress(a, b)),
      );
      if (left.length === 0 && without.length > 0) return undefined;
      const { socket, address } = await dial(target.name, left, target.port, target.connectTimeoutMs, signal);
      return { stream: socket, address };
    },
  };
}

/** Any other way to the host: one stream, of which no address is known. */
export function streamDialer(open: (signal?: AbortSignal) => Promise<Duplex>): Dialer {
  return { open: async (_without, signal) => ({ stream: await open(signal), address: undefined }) };
}

export function proxyDialer(target: ResolvedTarget): Dialer {
  return streamDialer(async () => openProxy(target));
}

function sameAddress(a: HostAddress, b: HostAddress): boolean {
  return a.address === b.address && a.scope === b.scope;
}

/** A line, and what opened it. */
export interface LoggedIn extends Omit<Login, 'forwardsAgent'> {
  readonly line: Line;
}

/**
 * An authenticated line.
 * @throws HotdeskError `host-key-unknown`, `host-key-changed`, `host-key-revoked`, `auth-failed`,
 * `connection-refused`, `host-unreachable`, `timeout`, `connection-lost`, `unsafe-file`, `cancelled`
 */
export async function connectLine(
  target: ResolvedTarget,
  dialer: Dialer,
  providers: readonly AuthProvider[],
  asker: Asker,
  signal?: AbortSignal,
): Promise<LoggedIn> {
  const check = await hostKeyCheck(target);
  const auth = new AuthChain(target, providers, asker);
  const wrong: HostAddress[] = [];
  let refusal: HotdeskError | undefined;
  let address: HostAddress | undefined;
  const attempt = async () => {
    const dialled = await dialer.open(wrong, signal).catch((error: unknown) => {
      throw refusal ?? error;
    });
    if (!dialled) throw refusal ?? new HotdeskError('host-unreachable', `${target.name} has no address.`);
    address = dialled.address;
    return openLine(dialled.stream, target, check, auth, signal);
  };
  for (;;) {
    address = undefined;
    try {
      const line = await whileBusy(target.name, () => address !== undefined, attempt, signal);
      return {
        line,
        method: auth.last?.kind ?? 'none',
        label: auth.last?.label ?? 'nothing',
        vouchedFor: check.vouchedFor(),
        hostKey: check.hostKey(),
      };
    } catch (error) {
      if (error instanceof TooManyTries) {
        auth.closed(error.said);
        if (!(await auth.more())) throw auth.failure();
      } else if (isHostKeyError(error) && address && error !== refusal) {
        // An address may be stale, or claimed by somebody else: the host may be at another one.
        refusal ??= error;
        wrong.push(address);
      } else throw error;
    }
  }
}

async function hostKeyCheck(
  target: ResolvedTarget,
): Promise<HostKeyCheck & { vouchedFor(): string | undefined; hostKey(): string | undefined }> {
  const { name, hostKey } = target;
  const known = await readKnownHosts([...target.userKnownHosts, ...target.globalKnownHosts]);
  let vouched: string | undefined;
  let trusted: string | undefined;
  return {
    algorithms: hostKeyAlgorithms(hostKey, known),
    judge: (blob) => {
      try {
        const shown = readShownKey(blob, name);
        const verdict = judgeHostKey(shown, hostKey, known, Date.now());
        const isTrusted = verdict.state === 'trusted';
        vouched = isTrusted ? vouchedFor(verdict.entry) : undefined;
        trusted = isTrusted ? fingerprintOf(shown.key) : undefined;
        return hostKeyError(verdict, shown.key, name, hostKey);
      } catch (error) {
        return toHotdeskError(error);
      }
    },
    vouchedFor: () => vouched,
    hostKey: () => trusted,
  };
}

function isHostKeyError(error: unknown): error is HotdeskError {
  return error instanceof HotdeskError && error.code.startsWith('host-key-');
}
