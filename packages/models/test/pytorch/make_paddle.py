"""A .pdparams file of PaddlePaddle, and its neurons as rows.

usage: pip install paddlepaddle; python make_paddle.py    (written with PaddlePaddle 3.2)
"""

import json

import numpy as np
import paddle

paddle.seed(4)


class Network(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.square = paddle.nn.Linear(3, 3)
        self.unbiased = paddle.nn.Linear(4, 2, bias_attr=False)
        self.conv = paddle.nn.Conv2D(2, 3, 2)
        self.words = paddle.nn.Embedding(5, 3)
        self.lstm = paddle.nn.LSTM(3, 2)


network = Network()
paddle.save(network.state_dict(), "files/paddle.pdparams")
rows = {
    "square.weight": network.square.weight.numpy().T,
    "unbiased.weight": network.unbiased.weight.numpy().T,
    "conv.weight": network.conv.weight.numpy().reshape(3, -1),
    "words.weight": network.words.weight.numpy(),
}
with open("files/paddle.json", "w") as file:
    json.dump({name: np.asarray(array, dtype=np.float64).tolist() for name, array in rows.items()}, file)
