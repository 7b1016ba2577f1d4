import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Flow } from '../flow.ts';
import { ListBatch } from './row-batch.ts';
import { Tap } from './tap.ts';

const maxBytes = 1_000;

function message(type: string, body: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.write(type, 'latin1');
  header.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([header, body]);
}

function row(text: string): Buffer {
  const counts = Buffer.alloc(6);
  counts.writeUInt16BE(1);
  counts.writeUInt32BE(Buffer.byteLength(text), 2);
  return message('D', Buffer.concat([counts, Buffer.from(text)]));
}

const notice = message('N', Buffer.from('Sa notice\0\0'));
const complete = message('C', Buffer.from('SELECT 2\0'));
const ready = message('Z', Buffer.from('I'));

/** A tap whose stream ends when the driver hears that the server is ready, as a connection's does. */
function tapped() {
  const heard: Buffer[] = [];
  const rows: unknown[] = [];
  const flow = new Flow(new ListBatch((lists) => void rows.push(...lists.flat())));
  let progress = 0;
  const progressed = () => {
    progress += 1;
  };
  const tap = new Tap(maxBytes, (chunk) => {
    heard.push(Buffer.from(chunk));
    if (chunk.equals(ready)) tap.close();
  });
  return {
    open: () => tap.open(flow),
    receive: (chunk: Buffer) => tap.receive(Buffer.from(chunk), progressed),
    rows,
    heard: () => Buffer.concat(heard),
    progress: () => progress,
  };
}

describe('a tap', () => {
  it('takes out the rows and leaves the rest to the driver, wherever the bytes are cut', () => {
    const all = Buffer.concat([notice, row('a'), row('é😀'), notice, row(''), complete, ready]);
    for (let size = 1; size <= all.length; size += 1) {
      const tap = tapped();
      tap.open();
      for (let at = 0; at < all.length; at += size)
        assert.equal(tap.receive(all.subarray(at, at + size)), true);
      assert.deepEqual(tap.rows, ['a', 'é😀', ''], `in pieces of ${size}`);
      assert.deepEqual(tap.heard(), Buffer.concat([notice, notice, complete, ready]));
    }
  });

  it('begins with the message after the one that is on its way', () => {
    for (let cut = 0; cut <= notice.length; cut += 1) {
      const tap = tapped();
      tap.receive(notice.subarray(0, cut));
      tap.open();
      tap.receive(Buffer.concat([notice.subarray(cut), row('a'), complete, ready]));
      assert.deepEqual(tap.rows, ['a'], `after ${cut} bytes`);
      assert.deepEqual(tap.heard(), Buffer.concat([notice, complete, ready]));
    }
  });

  it('leaves rows to the driver when no stream is open, also behind the end of one', () => {
    const tap = tapped();
    tap.open();
    tap.receive(Buffer.concat([row('a'), complete, ready, row('b')]));
    tap.receive(row('c'));
    assert.deepEqual(tap.rows, ['a']);
    assert.deepEqual(tap.heard(), Buffer.concat([complete, ready, row('b'), row('c')]));
  });

  it('refuses a message by its header, and only one message counts', () => {
    const long = row('x'.repeat(maxBytes));
    const fits = row('x'.repeat(maxBytes - 6));
    for (const streaming of [true, false]) {
      const tap = tapped();
      if (streaming) tap.open();
      assert.equal(tap.receive(Buffer.concat([fits, fits, fits])), true);
      assert.equal(tap.receive(long.subarray(0, 5)), false);
    }
  });

  it('calls rows progress, and parts of a row, but no notices', () => {
    const tap = tapped();
    tap.open();
    tap.receive(notice);
    assert.equal(tap.progress(), 0);
    tap.receive(row('ab').subarray(0, 6));
    assert.equal(tap.progress(), 1);
    tap.receive(row('ab').subarray(6));
    assert.equal(tap.progress(), 2);
  });
});
