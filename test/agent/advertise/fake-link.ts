/** A link with a socket that goes nowhere: what is sent is kept. */
import type { openResponder, WirePacket } from '../../../src/discovery/mdns/responder.ts';
import type { Link } from '../../../src/discovery/subnet.ts';

type Hears = Parameters<typeof openResponder>[1];

export const LINK: Link = { name: 'eth0', addresses: [{ address: '10.0.0.1', family: 4, prefix: 24 }] };

export function fakeLink() {
  const link = {
    /** What was answered or announced, in order. */
    sent: [] as WirePacket[],
    opened: 0,
    closed: 0,
    /** Why no socket can be opened. */
    error: undefined as Error | undefined,
    hears: undefined as Hears | undefined,
    isFarewell: () => link.sent.some(({ answers }) => answers.every(({ ttl }) => ttl === 0)),
    open: (async (_link, hears) => {
      if (link.error) throw link.error;
      link.opened += 1;
      link.hears = hears;
      return {
        bonjour: {
          server: {
            mdns: {
              on: () => {},
              removeAllListeners: () => {},
              query: (_packet, done) => done(),
              respond: (packet, done) => {
                link.sent.push(packet);
                done();
              },
            },
          },
          destroy: () => {},
        },
        send: () => {},
        close: async () => {
          link.closed += 1;
        },
      };
    }) as typeof openResponder,
  };
  return link;
}
