import type { World } from '../world.ts';

export async function judge(_world: World): Promise<void> {}
