/** Session channels of each kind: how one is opened, and what its refusal means. */
import type { ClientChannel, PseudoTtyOptions, SFTPWrapper } from 'ssh2';
import { withTimeout } from '../kernel/abort.ts';
import { HotdeskError } from '../kernel/errors.ts';
import { sanitise } from '../kernel/text.ts';
import type { Brink } from './brink.ts';
import { tame } from './channel.ts';
import type { Line } from './line.ts';
import { openSubsystem } from './sftp.ts';

/** How a command ended; all undefined when the connection did first. */
export interface Ending {
  readonly code: number | undefined;
  /** Without the SIG. */
  readonly signal: string | undefined;
}

/** A command on its channel. */
export interface Running {
  readonly channel: ClientChannel;
  /** Undefined when the channel closed without a word about it. */
  readonly ending: Promise<Ending | undefined>;
  /** To be called when it has begun, and is to go on for a while: a terminal, a relay. */
  readonly lasts: () => void;
}

/** The connection ended before anything was done there: it can be done over another one. */
export class NothingDone extends Error {}

/** How a channel of one kind comes about. */
export interface Opening<T> {
  /** @throws NothingDone, or what ssh2 says */
  open(line: Line, brink: Brink): Promise<T>;
  /** Calls `gone` when its channel has closed. */
  watch(opened: T, gone: () => void): void;
  discard(opened: T): void;
  /** The error of a server that has room, and refuses all the same. */
  refused(cause: Error): HotdeskError;
}

/** How long a server may take to begin a command. Some have a second factor confirmed for each (Teleport). */
const BEGIN_MS = 60_000;

/** A command that the login shell runs, in a terminal if one is described. @param name of the host, for messages */
export function execOpening(
  name: string,
  command: string,
  pty: PseudoTtyOptions | undefined,
  signal?: AbortSignal,
): Opening<Running> {
  return {
    open: async (line, brink) => {
      const late = new HotdeskError('timeout', `${name} has begun no command for ${BEGIN_MS / 1000} s.`);
      const opening = openExec(line, command, pty, brink);
      try {
        return await withTimeout(BEGIN_MS, late, signal, () => opening);
      } catch (error) {
        opening.then(
          ({ channel }) => channel.destroy(),
          () => {},
        );
        throw error;
      }
    },
    watch: ({ channel }, gone) => channel.once('close', gone),
    discard: ({ channel }) => channel.destroy(),
    refused: (cause) => refused(name, pty !== undefined, cause),
  };
}

/** The SFTP subsystem. @param name of the host, for messages */
export function sftpOpening(name: string, signal?: AbortSignal): Opening<SFTPWrapper> {
  return {
    open: async (line, brink) => {
      const sftp = await openSubsystem(line, name, signal).catch((cause: unknown) => {
        throw line.isOpen() ? cause : new NothingDone('no subsystem', { cause });
      });
      const end = sftp.end.bind(sftp);
      sftp.end = () => {
        brink.comeBack();
        end();
      };
      brink.leave();
      return sftp;
    },
    watch: (sftp, gone) => sftp.once('close', gone),
    discard: (sftp) => sftp.end(),
    refused: (cause) => new HotdeskError('not-supported', `${name} has no SFTP.`, { cause }),
  };
}

/** @param terminal whether a terminal was asked for, which the server refuses first */
function refused(name: string, terminal: boolean, cause: Error): HotdeskError {
  if (terminal && /pseudo-terminal/u.test(cause.message)) {
    return new HotdeskError('command-failed', `${name} gives this user no terminals.`, {
      cause,
      hint: 'Look at PermitTTY in its sshd_config, and at no-pty in authorized_keys.',
    });
  }
  return new HotdeskError('command-failed', `${name} refuses to run commands: ${sanitise(cause.message)}.`, {
    cause,
  });
}

/**
 * Listens for the command's end from the first moment: ssh2 may have read it together with the
 * answer to the request, before anybody who awaits the channel gets to see it.
 */
function openExec(
  line: Line,
  command: string,
  pty: PseudoTtyOptions | undefined,
  brink: Brink,
): Promise<Running> {
  return new Promise((resolve, reject) => {
    let asked = false;
    const options = {
      ...(pty ? { pty } : {}),
      // ssh2 reads this when the channel is open, and asks for the command then.
      get env(): NodeJS.ProcessEnv {
        asked = true;
        return {};
      },
    };
    line.client.exec(command, options, (error, channel) => {
      if (error) {
        const isUndone = !asked && !line.isOpen();
        return reject(isUndone ? new NothingDone('no channel', { cause: error }) : error);
      }
      tame(channel);
      const destroy = channel.destroy.bind(channel);
      channel.destroy = () => {
        brink.comeBack();
        return destroy();
      };
      // Its output ends before it does.
      channel.once('end', brink.comeBack);
      const ending = new Promise<Ending | undefined>((ended) => {
        channel.once('exit', (code: number | null, signal?: string) =>
          ended({ code: code ?? undefined, signal: signal?.replace(/^SIG/u, '') }),
        );
        channel.once('close', () => ended(undefined));
      });
      resolve({ channel, ending, lasts: brink.leave });
    });
  });
}
