// Generating needs no engine, and the command would download one all the same: any file that is there will do.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;

export default { schema: 'schema.prisma' };
