import type { Command } from 'commander';
import { examine } from '../doctor/examine.js';
import type { Finding } from '../doctor/finding.js';
import type { Context } from './context.js';

export function addDoctorCommand(program: Command, context: Context): void {
  const { console, config } = context;
  program
    .command('doctor')
    .description('look this machine over: engine, cgroups, seccomp, images, Redis; each finding with its fix')
    .option('--json', 'the findings as JSON')
    .action(async (options: { json?: boolean }) => {
      const findings = await examine(config);
      if (options.json) console.line(JSON.stringify(findings, null, 2));
      else for (const finding of findings) for (const line of render(finding, context)) console.line(line);
      if (findings.some(({ verdict }) => verdict === 'bad')) context.exit(1);
    });
}

function render({ verdict, what, detail, fix }: Finding, { console: { paint } }: Context): string[] {
  const marks = { good: paint.green('✔'), weak: paint.yellow('!'), bad: paint.red('✘') } as const;
  const line = `${marks[verdict]} ${what.padEnd(23)} ${verdict === 'good' ? paint.dim(detail) : detail}`;
  return verdict === 'good' || fix === '' ? [line] : [line, `  ${''.padEnd(23)} ${paint.cyan(fix)}`];
}
