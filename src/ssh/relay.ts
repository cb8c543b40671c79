/**
 * A stream to an endpoint of the host where sshd forbids forwarding (AllowStreamLocalForwarding,
 * AllowTcpForwarding, PermitOpen): a program there that copies between its standard streams and the
 * endpoint. What is installed decides which.
 */
import type { Endpoint } from '../model/machine.ts';
import { quotePosix } from './quote.ts';

export type StreamEndpoint = Endpoint & { kind: 'unix' | 'tcp' };

export interface RelayRecipe {
  /** Program that must be there. */
  readonly program: string;
  /** Its argv for an endpoint, or undefined where it cannot serve that one. Writes a line that READY matches to stderr once connected. */
  argv(endpoint: StreamEndpoint): readonly string[] | undefined;
  /** For a program that cannot say when it is connected. */
  readonly silent?: boolean;
}

/** On stderr: the relay is connected. */
export const READY = /hotdesk-relay: connected|starting data transfer loop/u;
/** On stderr: none of the programs is there. */
export const NO_PROGRAM = 'hotdesk-relay: no program';
/** On stderr: a relay that cannot tell has been started. */
export const SILENT = 'hotdesk-relay: trying';

// Two threads, since a half-closed direction must not end the other one.
const PYTHON = `
import os, socket, sys, threading
kind, where = sys.argv[1:3]
try:
    if kind == 'unix':
        s = socket.socket(socket.AF_UNIX)
        s.connect(where)
    else:
        s = socket.create_connection((where, int(sys.argv[3])))
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
except OSError as e:
    sys.exit('hotdesk-relay: ' + str(e))
sys.stderr.write('hotdesk-relay: connected\\n')
sys.stderr.flush()
def down():
    try:
        while True:
            b = s.recv(65536)
            if not b:
                break
            while b:
                b = b[os.write(1, b):]
    except OSError:
        pass
    os.close(1)
def up():
    try:
        while True:
            b = os.read(0, 65536)
            if not b:
                break
            s.sendall(b)
        s.shutdown(socket.SHUT_WR)
    except OSError:
        pass
t = threading.Thread(target=up, daemon=True)
t.start()
down()
`;

/** Nothing in it that means something in a socat address. */
const SOCAT_PLAIN = /^[A-Za-z0-9_./@+-]+$/u;
/** socat ends this long after one direction has; it must not be the one to end it. */
const SOCAT_LINGER_S = 86_400;

export const RELAYS: readonly RelayRecipe[] = [
  {
    program: 'socat',
    argv: (endpoint) => {
      const plain = SOCAT_PLAIN.test(endpoint.kind === 'unix' ? endpoint.path : endpoint.host);
      if (!plain) return undefined;
      const address =
        endpoint.kind === 'unix'
          ? `UNIX-CONNECT:${endpoint.path}`
          : `TCP:${endpoint.host}:${endpoint.port},nodelay`;
      return ['socat', '-d', '-d', '-b', '65536', '-t', String(SOCAT_LINGER_S), '-', address];
    },
  },
  {
    program: 'python3',
    argv: (endpoint) =>
      endpoint.kind === 'unix'
        ? ['python3', '-c', PYTHON, 'unix', endpoint.path]
        : ['python3', '-c', PYTHON, 'tcp', endpoint.host, String(endpoint.port)],
  },
  {
    program: 'nc',
    silent: true,
    argv: (endpoint) =>
      endpoint.kind === 'unix'
        ? ['nc', '-U', '--', endpoint.path]
        : ['nc', '--', endpoint.host, String(endpoint.port)],
  },
];

/** POSIX shell text that becomes the first relay that is there. */
export function relayScript(endpoint: StreamEndpoint, recipes: readonly RelayRecipe[]): string {
  const branches = recipes.flatMap((recipe) => {
    const argv = recipe.argv(endpoint);
    if (!argv) return [];
    const say = recipe.silent ? `echo '${SILENT}' >&2; ` : '';
    return [
      `command -v ${quotePosix(recipe.program)} >/dev/null 2>&1; then ${say}exec ${argv.map(quotePosix).join(' ')}`,
    ];
  });
  const none = `echo '${NO_PROGRAM}' >&2; exit 1`;
  return branches.length === 0 ? none : `if ${branches.join('\nelif ')}\nelse ${none}; fi`;
}
