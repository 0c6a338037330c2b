/** Stays: a change must not be refused for what dice find. Others are tried every night, by `pnpm fuzz`. */
export const seed: number = Number(process.env.FUZZ_SEED ?? 20261128);
