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
  /** Its argv for an endpoint, or undefined where it cannot serve that one. Once connected it writes a line that READY matches to stderr. */
  argv(endpoint: StreamEndpoint): readonly string[] | undefined;
}

/** On stderr: the relay is connected. */
export const READY = /hotdesk-relay: connected|starting data transfer loop/u;
/** On stderr: none of the programs is there. */
export const NO_PROGRAM = 'hotdesk-relay: no program';
// Two threads, since a half-closed direction must not end the other one. sshd passes on the end of
// stdout only when stderr has ended too.
const COPY = `
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
    os.close(2)
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
t.join()
os._exit(0)
`;
/** Isolated (-I): a socket.py in the home folder, where the login begins, would be taken for Python's own. */
const PYTHON = ['python3', '-I', '-c', COPY] as const;

/** Nothing in it that means something in a socat address. */
const SOCAT_PLAIN = /^[A-Za-z0-9_./@+-]+$/u;
/**
 * socat ends when nothing has moved for so long since one direction ended. Its stderr stays open, so
 * that is also how late the end of the far side is seen: hence python goes first.
 */
const SOCAT_LINGER_S = 3;

export const RELAYS: readonly RelayRecipe[] = [
  {
    program: 'python3',
    argv: (endpoint) =>
      endpoint.kind === 'unix'
        ? [...PYTHON, 'unix', endpoint.path]
        : [...PYTHON, 'tcp', endpoint.host, String(endpoint.port)],
  },
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
];

/** POSIX shell text that becomes the first relay that is there. */
export function relayScript(endpoint: StreamEndpoint, recipes: readonly RelayRecipe[]): string {
  const branches = recipes.flatMap((recipe) => {
    const argv = recipe.argv(endpoint);
    if (!argv) return [];
    const command = argv.map(quotePosix).join(' ');
    return [`command -v ${quotePosix(recipe.program)} >/dev/null 2>&1; then exec ${command}`];
  });
  const none = `echo '${NO_PROGRAM}' >&2; exit 1`;
  return branches.length === 0 ? none : `if ${branches.join('\nelif ')}\nelse ${none}; fi`;
}
