import { Command } from 'commander';
import { CLI_ERRORS } from './cli-error.js';
import { addAuditCommands } from './commands/audit.js';
import type { Context } from './commands/context.js';
import { addDemoCommand } from './commands/demo.js';
import { addDoctorCommand } from './commands/doctor.js';
import { addImageCommands } from './commands/image.js';
import { addJobCommands } from './commands/jobs.js';
import { addKeyCommands } from './commands/key.js';
import { addRunCommand } from './commands/run.js';
import { addUpCommand } from './commands/up.js';
import { VERSION } from './version.js';

/** The `fumehood` command. */
export function createProgram(context: Context): Command {
  const program = new Command('fumehood')
    .description('Run untrusted code: every job in a fresh, limited container.')
    .version(VERSION)
    .showHelpAfterError('(fumehood --help lists the commands)')
    // commander's own code for a wrong command line is 1, which is also many a job's.
    .exitOverride((end) => process.exit(end.exitCode === 0 ? 0 : CLI_ERRORS.usage.exitCode));
  addUpCommand(program, context);
  addRunCommand(program, context);
  addJobCommands(program, context);
  addAuditCommands(program, context);
  addKeyCommands(program, context);
  addImageCommands(program, context);
  addDoctorCommand(program, context);
  addDemoCommand(program, context);
  return program;
}
