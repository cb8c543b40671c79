/**
 * Coded errors. Every failure a user can meet has a stable code, a sentence that says what happened
 * and, where there is one, a hint that says what to do next. Codes and exit codes are public: see
 * docs/protocol.md.
 */

/** What a class of errors means to a script: the exit code of the command that failed with it. */
export const EXIT = {
  ok: 0,
  /** A fault in hotdesk or in what it runs on. */
  system: 1,
  /** The command line, a name or a file that the user gave is wrong. */
  usage: 2,
  /** No host, session, profile or seat has that name, or several have. */
  notFound: 3,
  /** The host cannot be reached. */
  unreachable: 4,
  /** The host's key or the user's login was refused. */
  trust: 5,
  /** The backend (or the application in it) failed. */
  backend: 6,
  /** Somebody else is using what was asked for. */
  busy: 7,
  /** Something that is needed is not installed. */
  missing: 8,
  /** It took longer than allowed. */
  timeout: 9,
  /** Stopped by the user (128 + SIGINT). */
  cancelled: 130,
} as const;

export type ExitClass = keyof typeof EXIT;

/** Errors that the user can cure. */
export const USER_CODES = {
  'bad-argument': 'usage',
  'bad-profile': 'usage',
  'bad-settings': 'usage',
  'bad-option': 'usage',
  'confirmation-needed': 'usage',
  'not-supported': 'usage',
  'unknown-host': 'notFound',
  'unknown-session': 'notFound',
  'unknown-profile': 'notFound',
  'unknown-seat': 'notFound',
  ambiguous: 'notFound',
  'no-seat': 'notFound',
  'host-unreachable': 'unreachable',
  'connection-refused': 'unreachable',
  'connection-lost': 'unreachable',
  'host-key-unknown': 'trust',
  'host-key-changed': 'trust',
  'host-key-revoked': 'trust',
  'auth-failed': 'trust',
  'forward-refused': 'trust',
  'backend-missing': 'missing',
  'viewer-missing': 'missing',
  'command-missing': 'missing',
  'version-pair': 'missing',
  'application-missing': 'backend',
  'application-exited': 'backend',
  'start-failed': 'backend',
  'viewer-failed': 'backend',
  'command-failed': 'backend',
  'display-taken': 'busy',
  'session-busy': 'busy',
  'name-taken': 'busy',
  'session-gone': 'backend',
  timeout: 'timeout',
  cancelled: 'cancelled',
} as const satisfies Record<string, ExitClass>;

/** Faults of hotdesk, the machine or a peer: nothing the user said was wrong. */
export const SYSTEM_CODES = {
  internal: 'system',
  'agent-unavailable': 'system',
  'agent-version': 'system',
  'agent-busy': 'system',
  'protocol-error': 'system',
  'output-unparsable': 'system',
  'limit-exceeded': 'system',
  'mdns-unavailable': 'system',
  'port-taken': 'system',
  'unsafe-file': 'system',
} as const satisfies Record<string, ExitClass>;

export type ErrorCode = keyof typeof USER_CODES | keyof typeof SYSTEM_CODES;

const CLASS_OF: Readonly<Record<ErrorCode, ExitClass>> = { ...USER_CODES, ...SYSTEM_CODES };

export interface ErrorDetails {
  /** What to do next, as one sentence or command. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** Names the user could have meant. */
  readonly candidates?: readonly string[] | undefined;
}

/** How an error crosses a socket. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly candidates?: readonly string[];
}

const BRAND = Symbol.for('hotdesk.error');

export class HotdeskError extends Error {
  readonly [BRAND] = true;
  override readonly name = 'HotdeskError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly candidates: readonly string[] | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.candidates = details.candidates;
  }

  /** Exit code of a command that ends with this error. */
  get exitCode(): number {
    return EXIT[CLASS_OF[this.code]];
  }

  toData(): ErrorData {
    return {
      code: this.code,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(this.candidates === undefined ? {} : { candidates: this.candidates }),
    };
  }
}

// Each bundle has a copy of this class: one that another bundle threw is one all the same.
Object.defineProperty(HotdeskError, Symbol.hasInstance, {
  value(this: unknown, value: unknown): boolean {
    if (this === HotdeskError) return value instanceof Error && BRAND in value;
    // A class below it is told by its own prototype.
    return Function.prototype[Symbol.hasInstance].call(this, value);
  },
});

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(CLASS_OF, value);
}

/** Wraps anything thrown; a HotdeskError passes through unchanged, an AbortError becomes `cancelled`. */
export function toHotdeskError(thrown: unknown, code: ErrorCode = 'internal'): HotdeskError {
  if (thrown instanceof HotdeskError) return thrown;
  if (thrown instanceof Error && thrown.name === 'AbortError') {
    return new HotdeskError('cancelled', 'Stopped before it was done.', { cause: thrown });
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new HotdeskError(code, message, { cause: thrown });
}

/** Rebuilds an error that came over a socket; an unknown code becomes `internal`. */
export function fromErrorData(data: {
  code: string;
  message: string;
  hint?: string | undefined;
  candidates?: readonly string[] | undefined;
}): HotdeskError {
  return new HotdeskError(isErrorCode(data.code) ? data.code : 'internal', data.message, {
    hint: data.hint,
    candidates: data.candidates,
  });
}
