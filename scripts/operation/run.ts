/** Runs a command, and ends the process with 1 and the error's message if it fails. */
export async function runCommand(command: (args: string[], env: NodeJS.ProcessEnv) => Promise<void>): Promise<void> {
  try {
    await command(process.argv.slice(2), process.env);
    // The schema engine leaves a timer behind that would keep the process for ten seconds.
    process.exit();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}

export const say = (line: string): void => console.log(line);
