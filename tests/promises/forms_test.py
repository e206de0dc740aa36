# SPDX-License-Identifier: MIT
"""Forms: what was stored in another form is what was written; what isn't shown
isn't empty; odd entries are their own problem only."""

import json

from harness import Promise, main

UPDATE = """
sms.templates:update("200000001", { template_content = %s })
"""


class Odd(Promise):
    def setUp(self):
        super().setUp()
        self.service.switch(ids="number", statuses="string")

    def test_clean_leaves_a_signature_that_templates_use(self):
        self.service.do("review", kind="sign", id="100000001", status=3,
                        remark="no")
        ended = self.signet("run", "--yes", "--max-deletes", "100%", "clean")
        self.assertIsNotNone(self.sign(), ended)

    def test_no_signature_in_other_shapes(self):
        self.service.do("edit", kind="template", id="200000001",
                        fields={"sign_id": None, "sign_position": 0})
        for shape in ("empty", "zero", "null", "absent"):
            self.service.switch(no_signature=shape)
            ended = self.run_job(
                'sms.templates:update("200000001", '
                f'{{ template_content = "New {shape}" }})')
            self.assertEqual(ended.status, 0, (shape, ended))
            self.service.do("review", kind="template")
            self.assertIsNone(self.template()["sign_id"], shape)


if __name__ == "__main__":
    main()
