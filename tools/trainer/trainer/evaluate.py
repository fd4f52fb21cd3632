"""The command `python -m trainer.evaluate`: measures a version on episodes and prints one JSON document.

    {"kind": "heldout", "loss": 0.021, "episodes": 41, "steps": 1003}

`modelctl evaluate REF --result FILE` attaches it to the version. The loss is the mean squared error of a step
in normalised actions, as in training: 1 is what always answering the mean action costs.
"""

import argparse
import json
import math
import pathlib
import sys

from . import contract


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m trainer.evaluate", description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=pathlib.Path, required=True, metavar="DIR", help="a version's files")
    parser.add_argument(
        "--episodes", type=pathlib.Path, required=True, metavar="DIR", help="a folder of episodes"
    )
    parser.add_argument("--heldout", action="store_true", help="only the episodes that training holds out")
    parser.add_argument(
        "--base",
        choices=("none",),
        help="none: the frozen base without the version's adapter, for comparison",
    )
    options = parser.parse_args(arguments)

    def log(text):
        print(f"evaluate: {text}", file=sys.stderr, flush=True)

    try:
        for folder in (options.model, options.episodes):
            if not folder.is_dir():
                raise contract.Failure(f"there is no folder {str(folder)!r}")
        document = measure(options.model, options.episodes, options.heldout, options.base is None, log)
    except contract.Failure as failure:
        log(f"error: {failure}")
        return failure.exit_code
    print(json.dumps(document, sort_keys=True, allow_nan=False))
    return contract.DONE


def measure(model, episodes_folder, heldout_only, with_adapter, log):
    """Returns the document. Raises Failure, or UnusableEpisodes where there is nothing to measure on."""
    from . import device

    device.prepare()
    from . import adapter, dataset, job, measuring, model_files

    version = model_files.read(model)
    base = version.base()
    chosen = version.adapter(base) if with_adapter else adapter.none(base, version.hyperparameters["rank"])
    episodes, _ = job.usable_episodes(episodes_folder, version.signature, log)
    if heldout_only:
        _, episodes = dataset.split(episodes, version.hyperparameters["heldout_fraction"])
        if not episodes:
            raise contract.UnusableEpisodes("of these episodes none is held out")
    sequences = dataset.sequences(episodes, version.normalisation)
    loss = measuring.loss_of(base, version.scale)(chosen, sequences)
    if not math.isfinite(loss):
        raise contract.Failure(f"the loss is {loss}")
    return {
        "kind": "heldout" if heldout_only else "all",
        "loss": loss,
        "episodes": len(episodes),
        "steps": sum(episode.steps for episode in episodes),
    }


if __name__ == "__main__":
    sys.exit(main())
