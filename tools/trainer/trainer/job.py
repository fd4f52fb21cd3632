"""One training job from the folders of the environment to the files of a version."""

import hashlib
import json
import math

import jax
import numpy as np
import optax

from . import adapter, base_policy, dataset, episode_folder, measuring, model_files
from .checkpoint import Checkpoints
from .contract import Failure, UnusableEpisodes
from .model_files import Version
from .progress import Progress
from .settings import Settings
from .training import Trainer


def run(environment, stopping, log):
    """Trains and writes the version. Raises Failure, or Stopped; OUTPUT_DIR has nothing then."""
    model_files.check_empty(environment.output)
    settings = Settings.read(environment.config)
    version = None
    if environment.base:
        version = model_files.read(environment.base)
        settings = _over(version, settings)
    episodes, left_out = usable_episodes(environment.episodes, version and version.signature, log)
    stopping.check()

    train, heldout = dataset.split(episodes, settings.heldout_fraction)
    version = version or _first_version(settings, train)
    base = version.base()
    start = version.adapter(base)
    sequences = dataset.sequences(train, version.normalisation)
    heldout_sequences = dataset.sequences(heldout, version.normalisation)
    log(
        f"{len(train)} episodes to learn from, {len(heldout)} held out, {left_out} left out; "
        f"{len(version.observation_names)} observed numbers, {len(version.action_names)} actions; "
        f"JAX {jax.__version__} on {jax.devices()[0].platform}"
    )
    if not heldout:
        log("there is one episode only: nothing is held out, and the losses are all of that episode")

    trainer = Trainer(settings, base, start, sequences)
    checkpoints = None
    if environment.checkpoints:
        data = dataset.fingerprint(sequences, heldout_sequences)
        checkpoints = Checkpoints(environment.checkpoints, _fingerprint(settings, version, data), log)
        if found := checkpoints.read():
            trainer.restore(found)
            log(f"goes on after step {found.step} of {trainer.total_steps}")
    measure = measuring.loss_of(base, version.scale)
    measured_on = heldout_sequences or sequences
    heldout_loss_of_start = measure(start, measured_on)
    progress = Progress(trainer.total_steps, stopping.nobody_listens)
    trainer.run(progress, stopping, checkpoints, environment.checkpoint_seconds)

    final = {name: np.asarray(value) for name, value in trainer.adapter.items()}
    losses = {
        "final_loss": measure(final, sequences),
        "heldout_loss": measure(final, measured_on),
        "base_heldout_loss": heldout_loss_of_start,
        "initial_heldout_loss": heldout_loss_of_start,
    }
    for name, value in losses.items():
        if not math.isfinite(value):
            raise Failure(f"{name} is {value}: training has diverged, and nothing was written")
    counts = {
        "episodes": len(episodes),
        "heldout_episodes": len(heldout),
        "episodes_left_out": left_out,
        "steps": trainer.total_steps,
    }
    tensors = {**final, **model_files.normalisation_tensors(version.normalisation)}
    trained = Version(
        settings.document(), version.base_digest, *version.signature, version.normalisation, tensors
    )
    model_files.write(environment.output, trained, settings.given, {**losses, **counts})
    progress.final(trainer.loss, losses["final_loss"], losses["heldout_loss"])
    log(f"held-out loss {losses['base_heldout_loss']:.4g} before, {losses['heldout_loss']:.4g} after")


def usable_episodes(folder, signature, log):
    """Returns (episodes of one signature, how many were left out); the log names those and says why.

    Without a given signature the one that most episodes have is taken. Raises UnusableEpisodes when nothing
    is left, and Failure when there are episodes, but none that a base of the given signature could learn
    from.
    """
    episodes, left_out = episode_folder.read_all(folder)
    for id, reason in left_out:
        log(f"episode {id!r} is left out: {reason}")
    if not episodes:
        reasons = "all were left out" if left_out else "there are none"
        raise UnusableEpisodes(f"there are no episodes to learn from: {reasons}")
    wanted = signature or dataset.common_signature(episodes)
    fitting = [episode for episode in episodes if episode.signature == wanted]
    for episode in episodes:
        if episode.signature != wanted:
            log(f"episode {episode.id!r} is left out: {_difference(episode.signature, wanted)}")
    if not fitting:
        raise Failure(f"no episode fits the base version: {_difference(episodes[0].signature, wanted)}")
    return fitting, len(left_out) + len(episodes) - len(fitting)


def _difference(found, wanted):
    parts = []
    for kind, names, wanted_names in zip(("observation", "action"), found, wanted):
        if names != wanted_names:
            odd = sorted(set(names) ^ set(wanted_names))[:3]
            parts.append(
                f"its {kind} has {len(names)} numbers instead of {len(wanted_names)} (such as {odd})"
            )
    return ", and ".join(parts)


def _over(version, settings):
    """Settings of a training that starts from a version: that decides what the policy's shape hangs on."""
    shape = ("rank", "lora_alpha", "state_size", "base_seed")
    inherited = {
        key: version.hyperparameters[key]
        for key in (*shape, "heldout_fraction")
        if key in version.hyperparameters
    }
    settings = settings.with_base(inherited)
    for key in shape:
        if getattr(settings, key) != version.hyperparameters[key]:
            raise Failure(
                f"CONFIG says {key} {getattr(settings, key)}, and the base version has "
                f"{version.hyperparameters[key]}; leave it out, or train without a base"
            )
    return settings


def _first_version(settings, train):
    """A version that changes nothing of a new base, and whose units are those of the given episodes."""
    observation_names, action_names = train[0].signature
    normalisation = dataset.Normalisation.of(train)
    base = base_policy.make(
        settings.base_seed, len(observation_names) + 1, settings.state_size, len(action_names)
    )
    tensors = adapter.initial(base, settings.rank, settings.seed)
    return Version(settings.document(), base.digest, observation_names, action_names, normalisation, tensors)


def _fingerprint(settings, version, data):
    """A digest of all that the result hangs on: a checkpoint is used where it leads to the same bytes."""
    digest = hashlib.sha256()
    document = {
        "settings": settings.document(),
        "given": settings.given,
        "base": version.base_digest,
        "data": data,
        "software": [jax.__version__, np.__version__, optax.__version__],
        "device": jax.devices()[0].device_kind,
    }
    digest.update(json.dumps(document, sort_keys=True).encode())
    for name in sorted(version.tensors):
        digest.update(name.encode() + version.tensors[name].tobytes())
    return digest.hexdigest()
