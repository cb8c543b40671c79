/**
 * Somebody on the link who does what he likes, inside a host of the lab. Its first argument says what:
 * `flood N`, `crowd N` (N instances that answer as they should), `goodbye INSTANCE…`, `ask N`
 * (one packet of N equal questions; prints what it draws), `garbage`.
 */
import { createSocket } from 'node:dgram';
import { createRequire } from 'node:module';

const fromBonjour = createRequire(createRequire(import.meta.url).resolve('bonjour-service'));
const codec = createRequire(fromBonjour.resolve('multicast-dns'))('dns-packet') as {
  encode(packet: object): Buffer;
  decode(packet: Buffer): {
    type: string;
    questions: { name: string; type: string }[];
    answers: { name: string }[];
  };
};
const [what, ...rest] = process.argv.slice(2);
const service = '_hotdesk._tcp.local';
const socket = createSocket({ type: 'udp4', reuseAddr: true });
await new Promise<void>((resolve) => socket.bind(5353, '0.0.0.0', resolve));
socket.addMembership('224.0.0.251');
socket.setMulticastTTL(255);
const send = (packet: Buffer) =>
  new Promise<void>((resolve) => socket.send(packet, 5353, '224.0.0.251', () => resolve()));
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function instance(name: string, host: string, ttl = 120): object[] {
  const id = Buffer.from(name).toString('hex').padStart(32, '0').slice(-32);
  const data = ['v=1', `id=${id}`, 'a=0011aabb', 'rev=1', 'n=0'].map((entry) => Buffer.from(entry));
  const full = `${name}.${service}`;
  return [
    { name: service, type: 'PTR', ttl, data: full },
    { name: full, type: 'SRV', ttl, flush: true, data: { port: 22, target: host } },
    { name: full, type: 'TXT', ttl, flush: true, data },
    { name: host, type: 'A', ttl, flush: true, data: '10.83.0.4' },
  ];
}
const response = (answers: object[]) => codec.encode({ type: 'response', flags: 1 << 10, answers });

if (what === 'flood') {
  for (let i = 0; i < Number(rest[0]); i += 5) {
    const records = [0, 1, 2, 3, 4].flatMap((n) =>
      instance(`\u001b[2Jfake\u202e-${i + n}`, `f${i + n}.local`, 4500),
    );
    await send(response(records));
    if (i % 100 === 0) await pause(4);
  }
} else if (what === 'crowd') {
  const all = Array.from({ length: Number(rest[0]) }, (_, i) => instance(`crowd-${i}`, `crowd-${i}.local`));
  socket.on('message', async (message) => {
    const { type, questions } = codec.decode(message);
    if (type !== 'query') return;
    if (questions.some(({ name }) => name === service)) {
      for (let i = 0; i < all.length; i += 5) await send(response(all.slice(i, i + 5).flat()));
    }
    const wanted = questions.map(({ name }) => Number(/^crowd-(\d+)\./u.exec(name)?.[1] ?? -1));
    for (const index of wanted) if (all[index]) await send(response(all[index]));
  });
  console.log('ready');
  await pause(3600_000);
} else if (what === 'goodbye') {
  for (let i = 0; i < 20; i += 1) {
    for (const name of rest) await send(response(instance(name, 'x.local', 0).slice(0, 3)));
    await pause(200);
  }
} else if (what === 'ask') {
  let bytes = 0;
  let packets = 0;
  socket.on('message', (message, { address }) => {
    const { type, answers } = codec.decode(message);
    if (type !== 'response' || address !== rest[1] || answers.length === 0) return;
    bytes += message.length;
    packets += 1;
  });
  const questions = Array.from({ length: Number(rest[0]) }, () => ({ name: service, type: 'PTR' }));
  for (let i = 0; i < 10; i += 1) await send(codec.encode({ type: 'query', questions }));
  await pause(3000);
  console.log(JSON.stringify({ bytes, packets }));
} else if (what === 'garbage') {
  const good = response(instance('beta-1', 'beta.local'));
  for (let i = 0; i < 3000; i += 1) {
    const bytes = Buffer.from(
      good.subarray(0, i % 3 === 0 ? Math.floor(Math.random() * good.length) : good.length),
    );
    for (let n = 0; n < 4 && bytes.length > 0; n += 1) {
      bytes[Math.floor(Math.random() * bytes.length)] = Math.floor(Math.random() * 256);
    }
    await send(bytes);
    if (i % 50 === 0) await pause(5);
  }
}
process.exit(0);
