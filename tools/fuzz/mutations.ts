import fc from 'fast-check';

/** One change of bytes, wherever it falls. */
export interface Mutation {
  readonly kind: 'flip' | 'cut' | 'repeat' | 'insert' | 'swap';
  readonly at: number;
  readonly length: number;
  readonly byte: number;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('flip', 'cut', 'repeat', 'insert', 'swap'),
  at: fc.nat(),
  length: fc.nat({ max: 64 }),
  byte: fc.oneof(fc.constantFrom(0, 10, 13, 34, 92, 0x7b, 0xff), fc.nat({ max: 255 })),
});

/** None, one or some: of many, the coarsest decides, and a single one gets further. */
export const mutations: fc.Arbitrary<readonly Mutation[]> = fc.oneof(
  fc.constant([]),
  mutation.map((one) => [one]),
  fc.array(mutation, { minLength: 2, maxLength: 8 }),
);

/** The bytes with all the changes made, one after another. */
export function mutate(bytes: Buffer, changes: readonly Mutation[]): Buffer {
  return changes.reduce(changedBy, bytes);
}

function changedBy(bytes: Buffer, { kind, at: anywhere, length, byte }: Mutation): Buffer {
  const at = anywhere % (bytes.length + 1);
  const [before, part, after] = [
    bytes.subarray(0, at),
    bytes.subarray(at, at + length),
    bytes.subarray(at + length),
  ];
  switch (kind) {
    case 'flip':
      return Buffer.concat([before, Buffer.from([byte]), bytes.subarray(at + 1)]);
    case 'cut':
      return Buffer.concat([before, after]);
    case 'repeat':
      return Buffer.concat([before, part, part, after]);
    case 'insert':
      return Buffer.concat([before, Buffer.alloc(length, byte), bytes.subarray(at)]);
    case 'swap':
      return Buffer.concat([part, before, after]);
  }
}
