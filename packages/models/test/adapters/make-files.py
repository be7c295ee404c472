"""Makes the adapters of this folder by PEFT, and with them what PEFT itself merges them to: expected.json.

    python make-files.py FOLDER

Needs torch, peft, transformers and safetensors. Each adapter is trained by nothing: its numbers are drawn from a fixed seed.
"""
import json, os, sys, warnings
import torch
from peft import AdaLoraConfig, BOFTConfig, LoHaConfig, LoraConfig, OFTConfig, get_peft_model
from safetensors.torch import save_file
from transformers.pytorch_utils import Conv1D

warnings.filterwarnings("ignore")
folder = sys.argv[1]
expected = {}


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = torch.nn.Embedding(12, 8)
        self.first = torch.nn.Linear(8, 10)
        self.second = torch.nn.Linear(10, 6, bias=False)
        self.conv = torch.nn.Conv2d(3, 5, 3)
        self.transposed = Conv1D(10, 8)
        self.head = torch.nn.Linear(6, 4)

    def forward(self, x):
        return x


torch.manual_seed(1)
net = Net()
for p in net.parameters():
    torch.nn.init.normal_(p)
state = {k: v.clone() for k, v in net.state_dict().items()}
save_file(state, os.path.join(folder, "base.safetensors"))


def make(name, config, **options):
    torch.manual_seed(2)
    model = Net()
    model.load_state_dict(state)
    model = get_peft_model(model, config)
    torch.manual_seed(3)
    for key, p in model.named_parameters():
        if "lora_magnitude" in key:
            p.data = p.data.abs() * (1 + 0.2 * torch.rand_like(p))
        elif p.requires_grad and "modules_to_save" not in key and "_s." not in key:
            p.data = torch.randn_like(p) * 0.3
        elif "boft_s" in key:
            p.data = 1 + 0.2 * torch.rand_like(p)
    path = os.path.join(folder, name)
    model.save_pretrained(path, **options)
    for extra in ("README.md",):
        os.remove(os.path.join(path, extra))
    merged = model.merge_and_unload().state_dict()
    changed = {k: v for k, v in merged.items() if k in state and not torch.equal(v, state[k])}
    expected[name] = {
        k: {"shape": list(v.shape), "merged": v.double().reshape(-1).tolist(), "base": state[k].double().reshape(-1).tolist()}
        for k, v in changed.items()
    }


LINEAR = ["first", "second"]
make("plain", LoraConfig(r=3, lora_alpha=6, target_modules=LINEAR, modules_to_save=["head"]))
make("plain-bin", LoraConfig(r=3, lora_alpha=6, target_modules=LINEAR, modules_to_save=["head"]), safe_serialization=False)
make("rslora", LoraConfig(r=4, lora_alpha=6, target_modules=LINEAR, use_rslora=True))
make("patterns", LoraConfig(r=3, lora_alpha=6, target_modules=LINEAR, rank_pattern={"sec.nd": 2}, alpha_pattern={"^first": 10}))
make("conv", LoraConfig(r=2, lora_alpha=2, target_modules=["conv"]))
make("embedding", LoraConfig(r=2, lora_alpha=4, target_modules=["embed"]))
make("fan-in-fan-out", LoraConfig(r=2, lora_alpha=4, target_modules=["transposed"], fan_in_fan_out=True))
make("dora", LoraConfig(r=2, lora_alpha=4, target_modules=[*LINEAR, "conv"], use_dora=True))
make("dora-embedding", LoraConfig(r=2, lora_alpha=4, target_modules=["embed"], use_dora=True))
make("adalora", AdaLoraConfig(init_r=4, target_r=2, lora_alpha=6, target_modules=LINEAR, total_step=10, tinit=2, tfinal=2))
make("oft", OFTConfig(r=0, oft_block_size=2, target_modules=LINEAR, use_cayley_neumann=False))
make("oft-series", OFTConfig(r=0, oft_block_size=2, target_modules=LINEAR, use_cayley_neumann=True))
make("boft", BOFTConfig(boft_block_size=2, boft_n_butterfly_factor=1, target_modules=LINEAR))
make("loha", LoHaConfig(r=2, target_modules=LINEAR))

# As training scripts for diffusion models write it: names without dots, an alpha of its own for each module.
torch.manual_seed(4)
down, up = torch.randn(2, 8), torch.randn(10, 2)
save_file({"lora_unet_first.lora_down.weight": down, "lora_unet_first.lora_up.weight": up, "lora_unet_first.alpha": torch.tensor(1.0)},
          os.path.join(folder, "kohya.safetensors"))
expected["kohya.safetensors"] = {"first.weight": {
    "shape": [10, 8], "merged": (state["first.weight"].double() + up.double() @ down.double() / 2).reshape(-1).tolist(),
    "base": state["first.weight"].double().reshape(-1).tolist()}}

with open(os.path.join(folder, "expected.json"), "w") as file:
    json.dump(expected, file)
