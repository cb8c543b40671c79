import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { localRig, nothingLeft } from './rig.ts';

it('what is left is named, a long script by its beginning and its end', async () => {
  const rig = await localRig();
  try {
    const script = `sleep 60\n#${' long'.repeat(90)}`;
    await rig.machine.exec([
      'sh',
      '-c',
      'setsid sh -c "$1" x y z >/dev/null 2>&1 </dev/null &',
      'sh',
      script,
    ]);
    writeFileSync(join(rig.home, 'left.txt'), '');
    const what =
      /left, but there is:\nprocess \d+ sh -c sleep 60 # long [long ]+ … [long ]+x y z\n(?:process \d+ sleep 60\n)?\S+\/left\.txt$/u;
    await expect(nothingLeft(rig, 500)).rejects.toThrow(what);
  } finally {
    await rig.dispose();
  }
  await nothingLeft(rig);
});
