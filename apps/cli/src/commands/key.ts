import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addKey, generateApiKey } from '@fumehood/policy';
import { type Command, Option } from 'commander';
import { CliError } from '../cli-error.js';
import type { Context } from './context.js';

export function addKeyCommands(program: Command, { config, console }: Context): void {
  const key = program.command('key').description('API keys');
  key
    .command('create <tenant>')
    .description('make a key, add its hash to tenants.yaml, and print the key this once')
    .option('--id <id>', 'what the key is called', `key-${Date.now().toString(36)}`)
    .addOption(new Option('--fleet', 'the key may also see workers, all policies, metrics and the audit'))
    .option('--file <path>', 'the tenants.yaml', join(config.stateDir, 'config', 'tenants.yaml'))
    .action(async (tenant: string, options: { id: string; fleet?: boolean; file: string }) => {
      const before = await readFile(options.file, 'utf8').catch((error: NodeJS.ErrnoException) => {
        throw new CliError(
          'usage',
          `${options.file} can't be read: ${error.message}`,
          'Name the file with --file.',
          { cause: error },
        );
      });
      const made = generateApiKey();
      const scopes = options.fleet ? (['jobs', 'fleet'] as const) : (['jobs'] as const);
      await writeFile(
        options.file,
        addKey(before, { tenant, keyId: options.id, sha256: made.sha256, scopes }),
      );
      console.line(made.key);
      console.note(
        console.paint.dim(
          `Key ${options.id} of ${tenant} is in ${options.file} as a hash; running APIs take it up at once.`,
        ),
      );
    });
}
