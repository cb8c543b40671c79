/** The two ends of a forward, for `node -e`: processes of their own, as a session and its viewer are. */

/** Far end, argv: socket. `N\n` is answered with N bytes, `0\n` by an echo. */
export const FAR = `
const chunk = Buffer.alloc(65536);
require('net').createServer((s) => {
  s.on('error', () => {});
  s.once('data', (head) => {
    let left = Number(head.toString());
    if (left === 0) return s.pipe(s);
    const pump = () => {
      while (left > 0) {
        const part = left < chunk.length ? chunk.subarray(0, left) : chunk;
        left -= part.length;
        if (!s.write(part)) return s.once('drain', pump);
      }
      s.end();
    };
    pump();
  });
}).listen(process.argv[1]);
`;

/** Near end, argv: socket, bytes, trips. Prints milliseconds: of all bytes, or of one trip (median). */
export const NEAR = `
const [path, bytes, trips] = [process.argv[1], Number(process.argv[2]), Number(process.argv[3])];
const s = require('net').connect(path);
let seen = 0;
const since = process.hrtime.bigint();
const ms = (from) => Number(process.hrtime.bigint() - from) / 1e6;
if (bytes > 0) {
  s.write(bytes + '\\n');
  s.on('data', (d) => { seen += d.length; });
  s.on('end', () => { if (seen !== bytes) process.exit(1); console.log(ms(since)); });
} else {
  s.write('0\\n');
  const times = [];
  let start;
  const ping = () => { start = process.hrtime.bigint(); s.write('x'); };
  s.on('data', () => {
    times.push(ms(start));
    if (times.length < trips) return ping();
    times.sort((a, b) => a - b);
    console.log(times[times.length >> 1]);
    s.destroy();
  });
  setTimeout(ping, 100);
}
`;
