import { learnClassicCartpole, SOLVED } from '../kit/classic-ppo.ts';

/*
 * PPO on CartPole-v1: learns for 100,000 steps, and after every tenth of them the deterministic policy does 100 episodes.
 * `npx tsx test/bench/classic-cartpole.ts [seed …]`, about 11 s of one core per seed; exit code 1 where a seed does not end
 * solved.
 */
const given = process.argv.slice(2).map(Number);
for (const seed of given.length > 0 ? given : [1, 2, 3]) {
  const verdicts: string[] = [];
  let isSolved = false;
  for await (const { steps, meanReturn } of learnClassicCartpole(seed)) {
    verdicts.push(`${steps}: ${meanReturn.toFixed(1)}`);
    isSolved = meanReturn >= SOLVED;
  }
  const verdict = isSolved ? 'solved' : `not solved, below ${SOLVED}`;
  console.log(`seed ${seed}, mean return after steps: ${verdicts.join(', ')}: ${verdict}`);
  if (!isSolved) process.exitCode = 1;
}
